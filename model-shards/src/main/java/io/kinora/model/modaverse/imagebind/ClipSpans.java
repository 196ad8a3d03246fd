package io.kinora.model.modaverse.imagebind;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Where ImageBind takes its pieces of two seconds from a longer recording: evenly between the first and the last two seconds. A recording
 * that is shorter gives the same piece again and again.
 *
 * <p>The reference computes with fractions of whole numbers: a start is exact until it is multiplied by a rate.
 *
 * @param room seconds by which the recording is longer than a piece, at least 0
 * @param count number of pieces
 */
record ClipSpans(BigDecimal room, int count) {
    /** Seconds of a piece. */
    static final int SECONDS = 2;

    /** In a recording of that many seconds. */
    static ClipSpans of(double seconds, int count) {
        return new ClipSpans(new BigDecimal(Math.max(seconds - SECONDS, 0)), count);
    }

    /** The last sample at or before the start of piece i, at so many samples a second. */
    long startSample(int i, int rate) {
        BigInteger numerator = room.multiply(BigDecimal.valueOf((long) i * rate))
                .divideToIntegralValue(BigDecimal.valueOf(count - 1L))
                .toBigInteger();
        return numerator.longValueExact();
    }

    /** The start of piece i in seconds, rounded to the nearest double. */
    double startSeconds(int i) {
        return seconds(i, 0);
    }

    /** The end of piece i in seconds, rounded to the nearest double. */
    double endSeconds(int i) {
        return seconds(i, SECONDS);
    }

    private double seconds(int i, int later) {
        BigDecimal exact = room.multiply(BigDecimal.valueOf(i))
                .divide(BigDecimal.valueOf(count - 1L), new MathContext(80, RoundingMode.HALF_EVEN))
                .add(BigDecimal.valueOf(later));
        return exact.doubleValue();
    }
}
