package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The container a generated clip comes in. */
public enum VideoFormat {
    /** H.264 in MP4, faststart: plays in every browser. */
    @JsonProperty("mp4")
    MP4("video/mp4", "mp4"),
    /** VP9 in WebM. */
    @JsonProperty("webm")
    WEBM("video/webm", "webm");

    private final String mediaType;
    private final String extension;

    VideoFormat(String mediaType, String extension) {
        this.mediaType = mediaType;
        this.extension = extension;
    }

    /** For example {@code video/mp4}. */
    public String mediaType() {
        return mediaType;
    }

    /** Of a file name, without the dot. */
    public String extension() {
        return extension;
    }
}
