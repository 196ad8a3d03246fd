package io.kinora.video;

/** The two ways a video is written. Both play in browsers. */
public enum VideoFormat {
    /** MP4 with H.264, yuv420p, BT.709 limited range, index at the front. */
    MP4_H264("video/mp4", "mp4"),
    /** WebM with VP9, yuv420p, BT.709 limited range. */
    WEBM_VP9("video/webm", "webm");

    private final String contentType;
    private final String extension;

    VideoFormat(String contentType, String extension) {
        this.contentType = contentType;
        this.extension = extension;
    }

    /** As {@code video/mp4}. */
    public String contentType() {
        return contentType;
    }

    /** As {@code mp4}. */
    public String extension() {
        return extension;
    }
}
