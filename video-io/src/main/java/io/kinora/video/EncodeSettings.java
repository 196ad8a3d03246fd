package io.kinora.video;

import java.util.Map;

/**
 * How frames become a video.
 *
 * @param format container and codec
 * @param frameRate frames per second, at most 1000
 * @param quality 1 (smallest file) to 100 (best picture)
 * @param metadata key-value pairs for the container, as {@code title}; keys and values are not empty
 */
public record EncodeSettings(VideoFormat format, Rational frameRate, int quality, Map<String, String> metadata) {
    private static final int DEFAULT_QUALITY = 75;
    private static final int MOST_FRAMES_PER_SECOND = 1000;

    public EncodeSettings {
        if (frameRate.toDouble() > MOST_FRAMES_PER_SECOND) {
            throw new IllegalArgumentException(
                    "frameRate is %s, allowed at most %d".formatted(frameRate, MOST_FRAMES_PER_SECOND));
        }
        if (quality < 1 || quality > 100) {
            throw new IllegalArgumentException("quality is %d, allowed are 1 to 100".formatted(quality));
        }
        metadata = Map.copyOf(metadata);
        metadata.forEach((key, value) -> {
            if (key.isEmpty() || value.isEmpty()) {
                throw new IllegalArgumentException(
                        "metadata has neither empty keys nor empty values, got '%s' = '%s'".formatted(key, value));
            }
        });
    }

    /** MP4 at a frame rate, quality 75, no metadata. */
    public static EncodeSettings mp4(Rational frameRate) {
        return new EncodeSettings(VideoFormat.MP4_H264, frameRate, DEFAULT_QUALITY, Map.of());
    }

    /** WebM at a frame rate, quality 75, no metadata. */
    public static EncodeSettings webm(Rational frameRate) {
        return new EncodeSettings(VideoFormat.WEBM_VP9, frameRate, DEFAULT_QUALITY, Map.of());
    }

    /** These settings with another quality. */
    public EncodeSettings withQuality(int newQuality) {
        return new EncodeSettings(format, frameRate, newQuality, metadata);
    }

    /** These settings with other metadata. */
    public EncodeSettings withMetadata(Map<String, String> newMetadata) {
        return new EncodeSettings(format, frameRate, quality, newMetadata);
    }
}
