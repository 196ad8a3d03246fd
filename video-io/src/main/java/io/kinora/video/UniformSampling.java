package io.kinora.video;

import java.util.stream.IntStream;

/**
 * Which frames stand for a clip when it is cut into n equal parts and the middle of each is taken.
 *
 * <p>At a constant frame rate, and where time stamps are of no use, part k of n is frame floor((k + ½) · total / n), in
 * exact integers. At a variable rate it is the frame on screen at (k + ½) · duration / n: the last one that starts no
 * later. At a constant rate both are the same frames; the first form is used because containers round time stamps. A
 * clip with fewer frames than n repeats some by the same formula, each at least floor(n / total) times.
 */
final class UniformSampling {
    private UniformSampling() {}

    static SamplingRule rule(FrameTimes times) {
        boolean byOrder = times.isConstantRate() || !times.isIncreasing() || times.span() == 0;
        return byOrder ? SamplingRule.BY_ORDER : SamplingRule.BY_TIME;
    }

    /** Indices in presentation order, ascending, n of them. */
    static int[] choose(FrameTimes times, int n) {
        return rule(times) == SamplingRule.BY_ORDER ? byOrder(times.count(), n) : byTime(times, n);
    }

    static int[] byOrder(int total, int n) {
        return IntStream.range(0, n)
                .map(k -> (int) ((2L * k + 1) * total / (2L * n)))
                .toArray();
    }

    private static int[] byTime(FrameTimes times, int n) {
        return IntStream.range(0, n)
                .map(k -> times.onScreenAt((2L * k + 1) * times.span(), 2L * n))
                .toArray();
    }
}
