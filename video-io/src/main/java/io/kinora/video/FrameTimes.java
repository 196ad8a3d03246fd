package io.kinora.video;

import java.time.Duration;
import java.util.Arrays;

/** When each frame of a clip comes on screen and when the last one goes, in ticks of the container's clock. Immutable. */
final class FrameTimes {
    private final long[] starts; // by presentation order
    private final long end;
    private final int tickNumerator;
    private final int tickDenominator;

    private FrameTimes(long[] starts, long end, int tickNumerator, int tickDenominator) {
        this.starts = starts;
        this.end = end;
        this.tickNumerator = tickNumerator;
        this.tickDenominator = tickDenominator;
    }

    /**
     * Times told by a container. A last duration of 0 is unknown, and taken for the mean distance of the frames before.
     *
     * @param starts ticks of {@code tickNumerator / tickDenominator} seconds, in presentation order
     */
    static FrameTimes of(long[] starts, long lastDuration, int tickNumerator, int tickDenominator) {
        int last = starts.length - 1;
        long duration = lastDuration > 0 || last < 1 ? lastDuration : (starts[last] - starts[0]) / last;
        return new FrameTimes(starts.clone(), starts[last] + Math.max(0, duration), tickNumerator, tickDenominator);
    }

    /** Times of frames that carry none: evenly at a rate. */
    static FrameTimes even(int frames, Rational rate) {
        long[] starts = new long[frames];
        for (int i = 0; i < frames; i++) {
            starts[i] = i;
        }
        return new FrameTimes(starts, frames, rate.denominator(), rate.numerator());
    }

    int count() {
        return starts.length;
    }

    /** From the first frame, rounded to the nanosecond. */
    Duration timestamp(int frame) {
        return ticks(Math.max(0, starts[frame] - starts[0]));
    }

    /** From the first frame coming on screen to the last going off. */
    Duration duration() {
        return ticks(span());
    }

    /** From the first frame coming on screen to the last going off, in ticks. */
    long span() {
        return Math.max(0, end - starts[0]);
    }

    boolean isIncreasing() {
        for (int i = 1; i < starts.length; i++) {
            if (starts[i] <= starts[i - 1]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether every start is within one tick of an even grid from the first to the last: a container that rounds a
     * constant rate to its clock stays within that.
     */
    boolean isConstantRate() {
        long steps = starts.length - 1L;
        if (steps < 2) {
            return true;
        }
        long span = starts[starts.length - 1] - starts[0];
        for (int i = 1; i < steps; i++) {
            if (Math.abs((starts[i] - starts[0]) * steps - i * span) > steps) {
                return false;
            }
        }
        return true;
    }

    /** The last frame that starts no later than {@code numerator / denominator} ticks after the first. */
    int onScreenAt(long numerator, long denominator) {
        int low = 0;
        int high = starts.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if ((starts[middle] - starts[0]) * denominator <= numerator) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private Duration ticks(long ticks) {
        return StreamDescription.duration(ticks, tickNumerator, tickDenominator);
    }

    @Override
    public String toString() {
        return "FrameTimes%s..%d × %d/%d s".formatted(Arrays.toString(starts), end, tickNumerator, tickDenominator);
    }
}
