package io.kinora.video;

import java.time.Duration;

/**
 * A video that was written.
 *
 * @param format container and codec
 * @param width pixels in a row as encoded, even
 * @param height rows as encoded, even
 * @param frames frames pushed
 * @param frameRate frames per second
 * @param bytes size of the file
 */
public record EncodedVideo(VideoFormat format, int width, int height, int frames, Rational frameRate, long bytes) {
    /** Frames over rate, rounded to the nanosecond. */
    public Duration duration() {
        return StreamDescription.duration(frames, frameRate.denominator(), frameRate.numerator());
    }
}
