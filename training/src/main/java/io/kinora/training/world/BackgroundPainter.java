package io.kinora.training.world;

/** Fills a picture with a background. */
final class BackgroundPainter {
    private final Background background;

    BackgroundPainter(Background background) {
        this.background = background;
    }

    /** Packed bytes, [height][width][3]. */
    byte[] paint(int width, int height) {
        byte[] pixels = new byte[height * width * 3];
        double unit = Math.min(width, height);
        double cos = Math.cos(background.angle());
        double sin = Math.sin(background.angle());
        for (int row = 0, at = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                double x = (column + 0.5 - width / 2.0) / unit;
                double y = (row + 0.5 - height / 2.0) / unit;
                double share = share(x, y, x * cos + y * sin);
                for (int shift = 16; shift >= 0; shift -= 8) {
                    int first = (background.first() >> shift) & 0xff;
                    int second = (background.second() >> shift) & 0xff;
                    pixels[at++] = (byte) Math.round(first + (second - first) * share);
                }
            }
        }
        return pixels;
    }

    /** How much of the second tone there is at a place; along is the place in the direction of the pattern. */
    private double share(double x, double y, double along) {
        double period = background.period();
        return switch (background.pattern()) {
            case PLAIN -> 0;
            case GRADIENT -> Math.max(0, Math.min(1, along + 0.5));
            case STRIPES -> odd(along / period);
            case CHECKER -> odd(Math.floor(x / period) + Math.floor(y / period));
            case NOISE -> grain((long) Math.floor(x / period), (long) Math.floor(y / period));
        };
    }

    private static double odd(double number) {
        return Math.floorMod((long) Math.floor(number), 2);
    }

    private double grain(long column, long row) {
        long mixed = (background.seed() ^ (column * 0x9e3779b97f4a7c15L)) + row * 0xc2b2ae3d27d4eb4fL;
        mixed = (mixed ^ (mixed >>> 29)) * 0xbf58476d1ce4e5b9L;
        return (mixed >>> 40) / (double) (1 << 24);
    }
}
