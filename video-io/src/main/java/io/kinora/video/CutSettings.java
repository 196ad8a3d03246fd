package io.kinora.video;

import java.time.Duration;

/**
 * How a source is cut into clips.
 *
 * @param length of a clip; longer where key frames are far apart, as each begins with one
 * @param overlap how much of a clip's end the next one shows again, shorter than the length
 * @param maxBytes what is held of the source at most; a clip that would need more is left out up to the next key frame
 * @param silence how long a source may bring nothing before it counts as broken
 */
public record CutSettings(Duration length, Duration overlap, int maxBytes, Duration silence) {
    private static final int LEAST_BYTES = 64 * 1024;
    private static final Duration SHORTEST = Duration.ofMillis(100);

    /** Checks the ranges. */
    public CutSettings {
        if (length.compareTo(SHORTEST) < 0 || length.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("a clip's length is %s, allowed are 0.1 s to 1 h".formatted(length));
        }
        if (overlap.isNegative() || overlap.compareTo(length) >= 0) {
            throw new IllegalArgumentException(
                    "overlap is %s, allowed are 0 to less than the length of %s".formatted(overlap, length));
        }
        if (maxBytes < LEAST_BYTES) {
            throw new IllegalArgumentException("maxBytes is %d, need at least %d".formatted(maxBytes, LEAST_BYTES));
        }
        if (silence.isNegative() || silence.isZero()) {
            throw new IllegalArgumentException("silence is %s, must be positive".formatted(silence));
        }
    }

    /** Clips of some length that overlap; 64 MiB held at most, broken after 20 seconds of silence. */
    public static CutSettings of(Duration length, Duration overlap) {
        return new CutSettings(length, overlap, 64 << 20, Duration.ofSeconds(20));
    }
}
