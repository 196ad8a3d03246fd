package io.kinora.video;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * A container and the encoders that may fill it, in FFmpeg's names.
 *
 * @param container name of the muxer
 * @param encoders encoders by preference, with their options; the first that opens is taken
 * @param pixelFormat FFmpeg's number of the format that frames are converted to
 * @param matrix {@code AVCOL_SPC_…} that RGB is converted by, and that the stream is marked with
 * @param range {@code AVCOL_RANGE_…} likewise
 * @param containerOptions options of the muxer
 */
record EncoderSpec(
        String container,
        Map<String, Map<String, String>> encoders,
        int pixelFormat,
        int matrix,
        int range,
        Map<String, String> containerOptions) {
    private static final int BEST_H264_QUANTIZER = 10;
    private static final int WORST_H264_QUANTIZER = 48;
    private static final int BEST_VP9_QUANTIZER = 4;
    private static final int WORST_VP9_QUANTIZER = 60;

    static EncoderSpec of(EncodeSettings settings) {
        return switch (settings.format()) {
            case MP4_H264 -> mp4(settings);
            case WEBM_VP9 -> webm(settings);
        };
    }

    private static EncoderSpec mp4(EncodeSettings settings) {
        String quantizer = quantizer(settings.quality(), BEST_H264_QUANTIZER, WORST_H264_QUANTIZER);
        Map<String, Map<String, String>> encoders = new LinkedHashMap<>();
        // With the quantizer's least and greatest value the same, OpenH264's rate control has nothing to decide. FFmpeg
        // switches its background detection on, which leaves dirt behind things whose brightness is that of what they
        // move across; it does not act on a picture that follows a key frame, so every second one is a key frame.
        encoders.put(
                "libopenh264",
                Map.of(
                        "profile", "high", "coder", "cabac", "rc_mode", "quality", "qmin", quantizer, "qmax", quantizer,
                        "g", "2"));
        encoders.put("libx264", Map.of("qp", quantizer, "preset", "medium"));
        encoders.put("h264_videotoolbox", Map.of("profile", "high", "q:v", Integer.toString(settings.quality())));
        encoders.put("h264_mf", Map.of("rate_control", "quality", "quality", Integer.toString(settings.quality())));
        String flags = settings.metadata().isEmpty() ? "+faststart" : "+faststart+use_metadata_tags";
        return new EncoderSpec(
                "mp4",
                encoders,
                avutil.AV_PIX_FMT_YUV420P,
                avutil.AVCOL_SPC_BT709,
                avutil.AVCOL_RANGE_MPEG,
                Map.of("movflags", flags));
    }

    private static EncoderSpec webm(EncodeSettings settings) {
        Map<String, String> options = Map.of(
                "crf",
                quantizer(settings.quality(), BEST_VP9_QUANTIZER, WORST_VP9_QUANTIZER),
                "b",
                "0",
                "deadline",
                "good",
                "cpu-used",
                "4",
                "row-mt",
                "0");
        return new EncoderSpec(
                "webm",
                Map.of("libvpx-vp9", options),
                avutil.AV_PIX_FMT_YUV420P,
                avutil.AVCOL_SPC_BT709,
                avutil.AVCOL_RANGE_MPEG,
                Map.of());
    }

    private static String quantizer(int quality, int best, int worst) {
        return Long.toString(Math.round(worst - (quality - 1) / 99.0 * (worst - best)));
    }
}
