package io.kinora.video;

/** How a coded picture is turned to stand upright: one of the eight symmetries of a rectangle. */
enum Orientation {
    UPRIGHT(0, false),
    ROTATED_90(90, false),
    ROTATED_180(180, false),
    ROTATED_270(270, false),
    MIRRORED(0, true),
    MIRRORED_ROTATED_90(90, true),
    MIRRORED_ROTATED_180(180, true),
    MIRRORED_ROTATED_270(270, true);

    /** Clockwise degrees, applied after mirroring. */
    final int clockwise;
    /** Whether left and right are exchanged first. */
    final boolean mirrored;

    Orientation(int clockwise, boolean mirrored) {
        this.clockwise = clockwise;
        this.mirrored = mirrored;
    }

    /**
     * The symmetry nearest to a container's display matrix: 3×3 numbers, row by row, that map a point (x, y, 1) as a row
     * vector, y pointing down; only the upper left 2×2 matters. Degenerate matrices leave the picture as it is.
     */
    static Orientation ofMatrix(int[] matrix) {
        // (x, y) goes to (a x + c y, b x + d y).
        double a = matrix[0];
        double b = matrix[1];
        double c = matrix[3];
        double d = matrix[4];
        double determinant = a * d - b * c;
        if (determinant == 0) {
            return UPRIGHT;
        }
        boolean mirrored = determinant < 0;
        // Mirroring first maps x to -x, so the rotation behind a mirrored matrix has the first row negated.
        double cos = mirrored ? d - a : a + d;
        double sin = mirrored ? -b - c : b - c;
        int quarter = Math.floorMod(Math.round(Math.toDegrees(Math.atan2(sin, cos)) / 90), 4);
        return values()[(mirrored ? 4 : 0) + quarter];
    }

    boolean swapsSides() {
        return clockwise == 90 || clockwise == 270;
    }

    /** The frame turned upright. */
    RgbFrame apply(RgbFrame frame) {
        if (this == UPRIGHT) {
            return frame;
        }
        int w = frame.width();
        int h = frame.height();
        int outWidth = swapsSides() ? h : w;
        int outHeight = swapsSides() ? w : h;
        byte[] from = frame.array();
        byte[] to = new byte[from.length];
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                int mx = mirrored ? w - 1 - x : x;
                int ox;
                int oy;
                switch (clockwise) {
                    case 90 -> {
                        ox = h - 1 - y;
                        oy = mx;
                    }
                    case 180 -> {
                        ox = w - 1 - mx;
                        oy = h - 1 - y;
                    }
                    case 270 -> {
                        ox = y;
                        oy = w - 1 - mx;
                    }
                    default -> {
                        ox = mx;
                        oy = y;
                    }
                }
                int source = (y * w + x) * 3;
                int target = (oy * outWidth + ox) * 3;
                to[target] = from[source];
                to[target + 1] = from[source + 1];
                to[target + 2] = from[source + 2];
            }
        }
        return RgbFrame.wrap(outWidth, outHeight, to);
    }
}
