package io.kinora.video;

import java.time.Duration;

/**
 * Ceilings for one sound track, checked before decoding where the container tells and again while it is decoded.
 *
 * @param maxBytes size of the file or the bytes, the picture included
 * @param maxDuration of the sound
 * @param maxSamples samples of all channels together, 4 bytes each once decoded
 * @param maxDecodeTime wall-clock time of one call, fetching excluded
 */
public record AudioLimits(long maxBytes, Duration maxDuration, long maxSamples, Duration maxDecodeTime) {
    private static final AudioLimits DEFAULTS =
            new AudioLimits(256L << 20, Duration.ofMinutes(10), 60_000_000, Duration.ofSeconds(60));

    public AudioLimits {
        if (maxSamples < 1 || maxSamples > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "maxSamples is %d, allowed are 1 to %d".formatted(maxSamples, Integer.MAX_VALUE));
        }
        // The same words for what both kinds of limits have.
        DecodeLimits.defaults()
                .withMaxBytes(maxBytes)
                .withMaxDuration(maxDuration)
                .withMaxDecodeTime(maxDecodeTime);
    }

    /** 256 MiB, 10 minutes, 60 million samples (10 minutes of stereo at 48 kHz; 240 MB), 60 seconds of decoding. */
    public static AudioLimits defaults() {
        return DEFAULTS;
    }

    /** These limits with another ceiling on duration. */
    public AudioLimits withMaxDuration(Duration duration) {
        return new AudioLimits(maxBytes, duration, maxSamples, maxDecodeTime);
    }

    /** These limits with another ceiling on bytes. */
    public AudioLimits withMaxBytes(long bytes) {
        return new AudioLimits(bytes, maxDuration, maxSamples, maxDecodeTime);
    }

    /** These limits with another ceiling on samples. */
    public AudioLimits withMaxSamples(long samples) {
        return new AudioLimits(maxBytes, maxDuration, samples, maxDecodeTime);
    }

    /** What is common with a clip's limits. */
    DecodeLimits forClip() {
        return DecodeLimits.defaults()
                .withMaxBytes(maxBytes)
                .withMaxDuration(maxDuration)
                .withMaxDecodeTime(maxDecodeTime);
    }

    void checkSamples(String name, long samples, int channels) {
        if (samples * channels > maxSamples) {
            throw new ClipLimitException(
                    "maxSamples",
                    "%s has %,d samples in each of %d channels or more, allowed at most %,d in all"
                            .formatted(name, samples, channels, maxSamples));
        }
    }
}
