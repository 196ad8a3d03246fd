package io.kinora.training.world;

/**
 * Signed distances to the shapes' edges, near the edge exact along straight sides, for shapes about the origin whose
 * radius is 1 and whose areas are alike.
 */
final class Outline {
    private static final double SQUARE_HALF = 0.88;
    private static final double TRIANGLE_RADIUS = 1.38;
    private static final double STAR_RADIUS = 1.38;
    private static final double STAR_INNER = 0.56;
    private static final double CROSS_LONG = 1.16;
    private static final double CROSS_SHORT = 0.40;

    /** Farthest point of any shape. */
    static final double REACH = 1.38;

    private static final double SIN_60 = Math.sqrt(3) / 2;
    private static final double SIN_36 = Math.sin(Math.PI / 5);
    private static final double COS_36 = Math.cos(Math.PI / 5);

    private Outline() {}

    /** Negative inside, with y downwards. */
    static double distance(Shape shape, double x, double y) {
        return switch (shape) {
            case CIRCLE -> Math.sqrt(x * x + y * y) - 1;
            case SQUARE -> Math.max(Math.abs(x), Math.abs(y)) - SQUARE_HALF;
            case TRIANGLE -> Math.max(y, SIN_60 * Math.abs(x) - y / 2) - TRIANGLE_RADIUS / 2;
            case STAR -> star(x, y);
            case CROSS -> cross(Math.abs(x), Math.abs(y));
        };
    }

    private static double cross(double x, double y) {
        return Math.min(Math.max(x - CROSS_LONG, y - CROSS_SHORT), Math.max(x - CROSS_SHORT, y - CROSS_LONG));
    }

    /** Folds the plane until one half of the upper tip is left, whose edge goes from the tip to the notch. */
    private static double star(double pointX, double pointY) {
        double x = Math.abs(pointX);
        double y = pointY;
        double cos72 = 2 * COS_36 * COS_36 - 1;
        double sin72 = 2 * SIN_36 * COS_36;
        for (int fold = 0; fold < 2; fold++) {
            // The mirror goes through the notch at 36 degrees from the upward axis; what is beyond it is reflected.
            if (x * COS_36 + y * SIN_36 > 0) {
                double mirroredX = -x * cos72 - y * sin72;
                double mirroredY = -x * sin72 + y * cos72;
                x = Math.abs(mirroredX);
                y = mirroredY;
            }
        }
        double notchX = STAR_INNER * SIN_36;
        double notchY = -STAR_INNER * COS_36;
        double edgeX = notchX;
        double edgeY = notchY + STAR_RADIUS;
        double length = Math.hypot(edgeX, edgeY);
        return (x * edgeY - (y + STAR_RADIUS) * edgeX) / length;
    }
}
