package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a generated clip, or picture, comes as. */
public enum VideoFormat {
    /** H.264 in MP4, faststart: plays in every browser. */
    @JsonProperty("mp4")
    MP4("video/mp4", "mp4"),
    /** VP9 in WebM. */
    @JsonProperty("webm")
    WEBM("video/webm", "webm"),
    /** A picture without loss. */
    @JsonProperty("png")
    PNG("image/png", "png"),
    /** A picture. */
    @JsonProperty("jpeg")
    JPEG("image/jpeg", "jpg");

    private final String mediaType;
    private final String extension;

    VideoFormat(String mediaType, String extension) {
        this.mediaType = mediaType;
        this.extension = extension;
    }

    /** True for one picture, false for a clip. */
    public boolean isPicture() {
        return this == PNG || this == JPEG;
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
