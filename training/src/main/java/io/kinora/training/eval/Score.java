package io.kinora.training.eval;

import java.util.Locale;

/**
 * How many of so many were right.
 *
 * @param right at least 0
 * @param total at least as many
 */
public record Score(int right, int total) {
    /** Nothing tried. */
    public static final Score NONE = new Score(0, 0);

    public Score {
        if (right < 0 || right > total) {
            throw new IllegalArgumentException("%d of %d cannot be right".formatted(right, total));
        }
    }

    /** With one more. */
    public Score plus(boolean isRight) {
        return new Score(right + (isRight ? 1 : 0), total + 1);
    }

    /** With all of another. */
    public Score plus(Score other) {
        return new Score(right + other.right, total + other.total);
    }

    /** From 0 to 1; 0 where nothing was tried. */
    public double share() {
        return total == 0 ? 0 : (double) right / total;
    }

    /** As {@code 190 of 200 (95.0 %)}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%d of %d (%.1f %%)", right, total, 100 * share());
    }
}
