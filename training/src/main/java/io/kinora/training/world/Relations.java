package io.kinora.training.world;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** How two shapes stand to each other all the time, where that is clear to see. */
final class Relations {
    private static final int MOMENTS = 16;
    private static final double CLEAR = 0.12;

    private final Sprite one;
    private final Sprite other;

    Relations(Sprite one, Sprite other) {
        this.one = one;
        this.other = other;
    }

    /** The one that is farther left throughout. */
    Optional<Sprite> leftmost() {
        return lowest(Sprite.Pose::x);
    }

    /** The one that is higher throughout. */
    Optional<Sprite> topmost() {
        return lowest(Sprite.Pose::y);
    }

    /** The one of the larger size, where neither grows nor shrinks and the sizes differ. */
    Optional<Sprite> larger() {
        int steps = one.size().compareTo(other.size());
        if (one.resizes() || other.resizes() || steps == 0) {
            return Optional.empty();
        }
        return Optional.of(steps > 0 ? one : other);
    }

    /** Whether they pass each other: they change sides from the first moment to the last. Empty where that is arguable. */
    Optional<Boolean> pass() {
        boolean changes = false;
        for (ToDoubleFunction<Sprite.Pose> axis :
                List.<ToDoubleFunction<Sprite.Pose>>of(Sprite.Pose::x, Sprite.Pose::y)) {
            double before = axis.applyAsDouble(one.at(0)) - axis.applyAsDouble(other.at(0));
            double after = axis.applyAsDouble(one.at(1)) - axis.applyAsDouble(other.at(1));
            boolean clear = Math.min(Math.abs(before), Math.abs(after)) > CLEAR;
            if (!clear && before * after < 0) {
                return Optional.empty();
            }
            changes |= before * after < 0;
        }
        return Optional.of(changes);
    }

    private Optional<Sprite> lowest(ToDoubleFunction<Sprite.Pose> axis) {
        double least = Double.MAX_VALUE;
        double most = -Double.MAX_VALUE;
        for (int i = 0; i <= MOMENTS; i++) {
            double moment = (double) i / MOMENTS;
            double difference = axis.applyAsDouble(one.at(moment)) - axis.applyAsDouble(other.at(moment));
            least = Math.min(least, difference);
            most = Math.max(most, difference);
        }
        if (most < -CLEAR) {
            return Optional.of(one);
        }
        return least > CLEAR ? Optional.of(other) : Optional.empty();
    }
}
