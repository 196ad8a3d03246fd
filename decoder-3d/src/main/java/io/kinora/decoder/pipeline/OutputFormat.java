package io.kinora.decoder.pipeline;

/** What the frames are to become. Encoding is not done here; whether a job makes a clip or stills decides what may be asked for. */
public enum OutputFormat {
    /** A clip, H.264. */
    MP4(true),
    /** A clip, VP9. */
    WEBM(true),
    /** Stills without loss. */
    PNG(false),
    /** Stills. */
    JPEG(false);

    private final boolean clip;

    OutputFormat(boolean clip) {
        this.clip = clip;
    }

    /** True for one clip, false for a still of each frame. */
    public boolean isClip() {
        return clip;
    }
}
