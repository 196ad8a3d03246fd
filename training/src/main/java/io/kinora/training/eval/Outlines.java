package io.kinora.training.eval;

import io.kinora.training.world.Shape;
import java.util.List;

/**
 * Names an outline by two numbers that do not change as it turns: how much of the circle around it, and how much of its convex
 * hull it fills.
 */
final class Outlines {
    private record Prototype(Shape shape, double fill, double solidity) {}

    private static final List<Prototype> PROTOTYPES = List.of(
            new Prototype(Shape.CIRCLE, 0.98, 0.97),
            new Prototype(Shape.SQUARE, 0.67, 0.96),
            new Prototype(Shape.TRIANGLE, 0.44, 0.94),
            new Prototype(Shape.STAR, 0.40, 0.54),
            new Prototype(Shape.CROSS, 0.66, 0.73));

    private Outlines() {}

    static Shape nearest(double fill, double solidity) {
        Prototype best = PROTOTYPES.get(0);
        for (Prototype prototype : PROTOTYPES) {
            best = distance(prototype, fill, solidity) < distance(best, fill, solidity) ? prototype : best;
        }
        return best.shape;
    }

    private static double distance(Prototype prototype, double fill, double solidity) {
        return Math.hypot(prototype.fill - fill, prototype.solidity - solidity);
    }
}
