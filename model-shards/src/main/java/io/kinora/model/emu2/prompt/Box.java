package io.kinora.model.emu2.prompt;

/**
 * A place in a picture to be made, in the 448 × 448 coordinates of Emu2-Gen, and its drawing: the model is shown a place as a
 * white outline on black.
 *
 * @param left smaller x, 0 to 448
 * @param top smaller y, 0 to 448
 * @param right larger x, 0 to 448
 * @param bottom larger y, 0 to 448
 */
public record Box(int left, int top, int right, int bottom) {
    /** Width and height of the drawing in pixels, and the largest coordinate. */
    public static final int SIZE = 448;

    private static final int CHANNELS = 3;
    private static final int REACH = 2;

    /**
     * Refuses corners out of order or outside.
     *
     * @throws IllegalArgumentException if a coordinate is outside 0 to 448, or right or bottom is smaller than left or top
     */
    public Box {
        if (left < 0 || top < 0 || right > SIZE || bottom > SIZE || left > right || top > bottom) {
            throw new IllegalArgumentException(
                    "a box has 0 <= left <= right <= %d and 0 <= top <= bottom <= %d, got (%d, %d)-(%d, %d)"
                            .formatted(SIZE, SIZE, left, top, right, bottom));
        }
    }

    /**
     * The box between two opposite corners in any order, with coordinates brought into 0 to 448 as the authors' front end
     * does.
     */
    public static Box between(int x1, int y1, int x2, int y2) {
        return new Box(
                clamp(Math.min(x1, x2)), clamp(Math.min(y1, y2)), clamp(Math.max(x1, x2)), clamp(Math.max(y1, y2)));
    }

    /**
     * The drawing: packed RGB, 448 rows of 448 pixels. Pixels within a distance of 2 from the outline are white, which is
     * what OpenCV draws for a rectangle of thickness 3.
     */
    public byte[] draw() {
        byte[] rgb = new byte[SIZE * SIZE * CHANNELS];
        for (int y = Math.max(0, top - REACH); y < Math.min(SIZE, bottom + REACH + 1); y++) {
            for (int x = Math.max(0, left - REACH); x < Math.min(SIZE, right + REACH + 1); x++) {
                if (isOnOutline(x, y)) {
                    int at = (y * SIZE + x) * CHANNELS;
                    rgb[at] = (byte) 255;
                    rgb[at + 1] = (byte) 255;
                    rgb[at + 2] = (byte) 255;
                }
            }
        }
        return rgb;
    }

    private boolean isOnOutline(int x, int y) {
        int outsideX = Math.max(0, Math.max(left - x, x - right));
        int outsideY = Math.max(0, Math.max(top - y, y - bottom));
        int toSide = Math.min(Math.abs(x - left), Math.abs(x - right));
        int toEdge = Math.min(Math.abs(y - top), Math.abs(y - bottom));
        return toSide * toSide + outsideY * outsideY <= REACH * REACH
                || toEdge * toEdge + outsideX * outsideX <= REACH * REACH;
    }

    private static int clamp(int value) {
        return Math.max(0, Math.min(SIZE, value));
    }
}
