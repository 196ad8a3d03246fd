package io.kinora.video;

/** The ways sound is written. All of them play in browsers. */
public enum AudioFormat {
    /** WAV with 16-bit samples; what lies beyond full scale is clipped. */
    WAV("audio/wav", "wav", "wav", "pcm_s16le"),
    /** WAV with float samples, written as they are. */
    WAV_FLOAT("audio/wav", "wav", "wav", "pcm_f32le"),
    /** Opus in Ogg, 64 kbit/s for each of one or two channels; at 48 kHz unless the clip has a rate that Opus has. */
    OGG_OPUS("audio/ogg", "ogg", "ogg", "libopus"),
    /** Opus in WebM, likewise. */
    WEBM_OPUS("audio/webm", "webm", "webm", "libopus");

    private final String contentType;
    private final String extension;
    private final String container;
    private final String encoder;

    AudioFormat(String contentType, String extension, String container, String encoder) {
        this.contentType = contentType;
        this.extension = extension;
        this.container = container;
        this.encoder = encoder;
    }

    /** As {@code audio/wav}. */
    public String contentType() {
        return contentType;
    }

    /** As {@code wav}. */
    public String extension() {
        return extension;
    }

    /** FFmpeg's name of the container. */
    String container() {
        return container;
    }

    /** FFmpeg's name of the encoder. */
    String encoder() {
        return encoder;
    }

    boolean isOpus() {
        return encoder.equals("libopus");
    }
}
