package io.kinora.video;

/** The filters' weights at a distance from the middle. */
final class Kernels {
    private static final double CUBIC_ANTIALIASED = -0.5;

    private Kernels() {}

    /** Triangle, or Keys' cubic with parameter −½. */
    static double antialiased(FrameResizer.Filter filter, double distance) {
        double x = Math.abs(distance);
        return switch (filter) {
            case BILINEAR -> x < 1 ? 1 - x : 0;
            case BICUBIC -> cubic(x, CUBIC_ANTIALIASED);
        };
    }

    /** Keys, 1981: two cubic pieces, 0 to 1 and 1 to 2. */
    static double cubic(double x, double a) {
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
}
