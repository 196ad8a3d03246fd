package io.kinora.training.world;

import java.util.List;

/** Where shapes may be: inside the frame and apart from each other, at every moment. */
final class Layout {
    private static final int MOMENTS = 24;
    private static final double MARGIN = 0.015;
    private static final double GAP = 0.05;

    private Layout() {}

    static boolean staysInside(Sprite sprite) {
        for (int i = 0; i <= MOMENTS; i++) {
            Sprite.Pose pose = sprite.at((double) i / MOMENTS);
            double reach = pose.radius() * reach(sprite.shape()) + MARGIN;
            if (pose.x() < reach || pose.x() > 1 - reach || pose.y() < reach || pose.y() > 1 - reach) {
                return false;
            }
        }
        return true;
    }

    /** Whether a shape, as a description of its own, can be told from the others and stays clear of them. */
    static boolean fits(Sprite sprite, List<Sprite> others) {
        return others.stream().noneMatch(other -> other.name().equals(sprite.name()) || touch(sprite, other));
    }

    private static boolean touch(Sprite one, Sprite other) {
        for (int i = 0; i <= MOMENTS; i++) {
            Sprite.Pose a = one.at((double) i / MOMENTS);
            Sprite.Pose b = other.at((double) i / MOMENTS);
            double apart = a.radius() * reach(one.shape()) + b.radius() * reach(other.shape()) + GAP;
            if (Math.hypot(a.x() - b.x(), a.y() - b.y()) < apart) {
                return true;
            }
        }
        return false;
    }

    private static double reach(Shape shape) {
        return shape == Shape.CIRCLE ? 1 : Outline.REACH;
    }
}
