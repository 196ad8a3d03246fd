package io.kinora.video;

import java.time.Duration;

/**
 * A frame at its place in a clip.
 *
 * @param index place in presentation order, 0 for the first frame
 * @param timestamp when it comes on screen, counted from the first frame of the clip, rounded to the nanosecond
 * @param image its pixels, upright (rotation metadata is applied)
 */
public record ClipFrame(int index, Duration timestamp, RgbFrame image) {
    public ClipFrame {
        if (index < 0 || timestamp.isNegative()) {
            throw new IllegalArgumentException("a frame has no index %d at %s".formatted(index, timestamp));
        }
    }
}
