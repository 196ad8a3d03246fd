package io.kinora.video;

import java.time.Duration;

/**
 * Ceilings for one clip, checked before decoding where the container tells and again while it is read and decoded.
 *
 * @param maxBytes size of the file or the bytes
 * @param maxDuration from the first frame to the end of the last
 * @param maxPixelsPerFrame width × height as coded
 * @param maxFrames frames in the clip, not only those sampled
 * @param maxDecodeTime wall-clock time from opening the clip to the end of one call on it, fetching excluded
 */
public record DecodeLimits(
        long maxBytes, Duration maxDuration, long maxPixelsPerFrame, int maxFrames, Duration maxDecodeTime) {
    private static final DecodeLimits DEFAULTS =
            new DecodeLimits(256L << 20, Duration.ofMinutes(10), 4096L * 2304, 36_000, Duration.ofSeconds(60));

    public DecodeLimits {
        requirePositive("maxBytes", maxBytes);
        requirePositive("maxDuration", maxDuration);
        requirePositive("maxPixelsPerFrame", maxPixelsPerFrame);
        requirePositive("maxFrames", maxFrames);
        requirePositive("maxDecodeTime", maxDecodeTime);
    }

    /** 256 MiB, 10 minutes, 4096×2304 pixels, 36,000 frames, 60 seconds of decoding. */
    public static DecodeLimits defaults() {
        return DEFAULTS;
    }

    /** These limits with another ceiling on bytes. */
    public DecodeLimits withMaxBytes(long bytes) {
        return new DecodeLimits(bytes, maxDuration, maxPixelsPerFrame, maxFrames, maxDecodeTime);
    }

    /** These limits with another ceiling on duration. */
    public DecodeLimits withMaxDuration(Duration duration) {
        return new DecodeLimits(maxBytes, duration, maxPixelsPerFrame, maxFrames, maxDecodeTime);
    }

    /** These limits with another ceiling on the pixels of a frame. */
    public DecodeLimits withMaxPixelsPerFrame(long pixels) {
        return new DecodeLimits(maxBytes, maxDuration, pixels, maxFrames, maxDecodeTime);
    }

    /** These limits with another ceiling on frames. */
    public DecodeLimits withMaxFrames(int frames) {
        return new DecodeLimits(maxBytes, maxDuration, maxPixelsPerFrame, frames, maxDecodeTime);
    }

    /** These limits with another ceiling on time spent. */
    public DecodeLimits withMaxDecodeTime(Duration time) {
        return new DecodeLimits(maxBytes, maxDuration, maxPixelsPerFrame, maxFrames, time);
    }

    void checkBytes(String name, long bytes) {
        if (bytes > maxBytes) {
            throw new ClipLimitException(
                    "maxBytes", "%s has %,d bytes, allowed at most %,d".formatted(name, bytes, maxBytes));
        }
    }

    void checkDuration(String name, Duration duration) {
        if (duration.compareTo(maxDuration) > 0) {
            throw new ClipLimitException(
                    "maxDuration",
                    "%s lasts %s s, allowed at most %s s".formatted(name, seconds(duration), seconds(maxDuration)));
        }
    }

    void checkPixels(String name, long width, long height) {
        if (Math.multiplyExact(width, height) > maxPixelsPerFrame) {
            throw new ClipLimitException(
                    "maxPixelsPerFrame",
                    "%s is %d×%d, %,d pixels a frame, allowed at most %,d"
                            .formatted(name, width, height, width * height, maxPixelsPerFrame));
        }
    }

    void checkFrames(String name, long frames) {
        if (frames > maxFrames) {
            throw new ClipLimitException(
                    "maxFrames", "%s has %,d frames or more, allowed at most %,d".formatted(name, frames, maxFrames));
        }
    }

    ClipLimitException decodeTimeExceeded(String name) {
        return new ClipLimitException(
                "maxDecodeTime", "%s was not done in %s s of decoding".formatted(name, seconds(maxDecodeTime)));
    }

    private static String seconds(Duration duration) {
        return "%d.%03d".formatted(duration.toSeconds(), duration.toMillisPart());
    }

    private static void requirePositive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException("%s is %d, need at least 1".formatted(name, value));
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("%s is %s, need more than zero".formatted(name, value));
        }
    }
}
