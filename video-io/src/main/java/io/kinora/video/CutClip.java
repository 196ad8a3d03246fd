package io.kinora.video;

import java.time.Duration;
import java.time.Instant;

/** A clip that was cut from a source, the source's own packets in a container of its own. Immutable but for its array. */
public final class CutClip {
    private final byte[] bytes;
    private final String mediaType;
    private final Instant at;
    private final Duration duration;
    private final int frames;

    CutClip(byte[] bytes, String mediaType, Instant at, Duration duration, int frames) {
        this.bytes = bytes;
        this.mediaType = mediaType;
        this.at = at;
        this.duration = duration;
        this.frames = frames;
    }

    /** The whole file. The array is not copied. */
    public byte[] bytes() {
        return bytes;
    }

    /** {@code video/mp4}, or {@code video/x-matroska} for codecs that MP4 does not hold. */
    public String mediaType() {
        return mediaType;
    }

    /** The wall-clock time of its first frame. */
    public Instant at() {
        return at;
    }

    /** From its first frame to the end of its last. */
    public Duration duration() {
        return duration;
    }

    /** How many packets, which is how many frames, it has. */
    public int frames() {
        return frames;
    }
}
