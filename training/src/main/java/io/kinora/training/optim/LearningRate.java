package io.kinora.training.optim;

/**
 * Warm-up and cosine: the rate rises in a straight line to its peak and falls along half a cosine to a share of it, where it stays.
 *
 * @param peak highest rate
 * @param warmUp steps of the rise
 * @param steps steps until the end of the fall
 * @param floor share of the peak at the end
 */
public record LearningRate(double peak, long warmUp, long steps, double floor) {
    /** Checks the ranges. */
    public LearningRate {
        if (!(peak > 0) || warmUp < 0 || steps <= warmUp || !(floor >= 0 && floor <= 1)) {
            throw new IllegalArgumentException("no schedule of learning rates: peak %s, warm-up %d, steps %d, floor %s"
                    .formatted(peak, warmUp, steps, floor));
        }
    }

    /** The rate of a step, counted from 1. */
    public double at(long step) {
        if (step <= warmUp) {
            return peak * step / warmUp;
        }
        double progress = Math.min(1, (double) (step - warmUp) / (steps - warmUp));
        return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
    }
}
