package io.kinora.video;

import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * The containers and codecs that a clip may have. Formats that name other files or addresses (playlists, concat, dash,
 * image sequences, devices) are not among them, nor are codecs that only games and ancient hardware use.
 */
final class AllowedFormats {
    /** What messages say is allowed. */
    static final String IN_WORDS =
            "MP4, MOV, Matroska, WebM, AVI, MPEG-TS, MPEG-PS, FLV, Ogg, ASF, IVF, GIF, Y4M, or a bare video stream";

    /** Names of FFmpeg's demuxers. */
    private static final List<String> DEMUXERS = List.of(
            "mov",
            "matroska",
            "avi",
            "mpegts",
            "mpeg",
            "mpegvideo",
            "flv",
            "ogg",
            "asf",
            "ivf",
            "obu",
            "h264",
            "hevc",
            "m4v",
            "gif",
            "yuv4mpegpipe");

    /** Names of FFmpeg's software decoders; where two decode one codec, the first that is built in is taken. */
    private static final List<String> DECODERS = List.of(
            "h264",
            "hevc",
            "vp8",
            "vp9",
            "libdav1d",
            "libaom-av1",
            "mpeg4",
            "mpeg2video",
            "mpeg1video",
            "mjpeg",
            "theora",
            "h263",
            "flv",
            "msmpeg4v2",
            "msmpeg4",
            "wmv1",
            "wmv2",
            "wmv3",
            "vc1",
            "vp6",
            "vp6f",
            "prores",
            "dnxhd",
            "dvvideo",
            "ffv1",
            "huffyuv",
            "ffvhuff",
            "utvideo",
            "qtrle",
            "png",
            "gif",
            "rawvideo");

    private AllowedFormats() {}

    static String demuxers() {
        return String.join(",", DEMUXERS);
    }

    static String decoders() {
        return String.join(",", DECODERS);
    }

    /** The decoder for a codec, or an empty one where the codec is not allowed or not built in. */
    static AVCodec decoderFor(int codecId) {
        return DECODERS.stream()
                .map(avcodec::avcodec_find_decoder_by_name)
                .filter(decoder -> decoder != null && decoder.id() == codecId)
                .findFirst()
                .orElseGet(() -> new AVCodec(null));
    }
}
