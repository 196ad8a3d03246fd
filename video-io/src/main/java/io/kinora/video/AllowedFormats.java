package io.kinora.video;

import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * The containers and codecs that the stream which is read may have. Formats that name other files or addresses
 * (playlists, concat, dash, image sequences, devices) are not among them, nor are codecs that only games and ancient
 * hardware use.
 */
enum AllowedFormats {
    PICTURES(
            "video",
            avutil.AVMEDIA_TYPE_VIDEO,
            "MP4, MOV, Matroska, WebM, AVI, MPEG-TS, MPEG-PS, FLV, Ogg, ASF, IVF, GIF, Y4M, or a bare video stream",
            List.of(
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
                    "yuv4mpegpipe"),
            List.of(
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
                    "rawvideo")),
    SOUND(
            "sound",
            avutil.AVMEDIA_TYPE_AUDIO,
            "WAV, FLAC, MP3, AAC, Ogg, AIFF, CAF, AMR, AC-3, MP4, MOV, Matroska, WebM, AVI, MPEG-TS, MPEG-PS, FLV or ASF",
            List.of(
                    "wav",
                    "w64",
                    "flac",
                    "mp3",
                    "aac",
                    "ogg",
                    "aiff",
                    "caf",
                    "au",
                    "amr",
                    "ac3",
                    "eac3",
                    "mov",
                    "matroska",
                    "avi",
                    "mpegts",
                    "mpeg",
                    "flv",
                    "asf"),
            List.of(
                    "aac",
                    "mp3float",
                    "mp2float",
                    "opus",
                    "vorbis",
                    "flac",
                    "alac",
                    "ac3",
                    "eac3",
                    "wmav1",
                    "wmav2",
                    "amrnb",
                    "amrwb",
                    "adpcm_ima_wav",
                    "adpcm_ima_qt",
                    "adpcm_ms",
                    "pcm_alaw",
                    "pcm_mulaw",
                    "pcm_u8",
                    "pcm_s8",
                    "pcm_s16le",
                    "pcm_s16be",
                    "pcm_s24le",
                    "pcm_s24be",
                    "pcm_s32le",
                    "pcm_s32be",
                    "pcm_f32le",
                    "pcm_f32be",
                    "pcm_f64le",
                    "pcm_f64be"));

    private final String noun;
    private final int mediaType;
    private final String inWords;
    private final String demuxers;
    private final String decoders;

    AllowedFormats(String noun, int mediaType, String inWords, List<String> demuxers, List<String> decoders) {
        this.noun = noun;
        this.mediaType = mediaType;
        this.inWords = inWords;
        this.demuxers = String.join(",", demuxers);
        this.decoders = String.join(",", decoders);
    }

    /** How messages call the stream. */
    String noun() {
        return noun;
    }

    /** {@code AVMEDIA_TYPE_…} of the stream. */
    int mediaType() {
        return mediaType;
    }

    /** What messages say is allowed. */
    String inWords() {
        return inWords;
    }

    /** Names of FFmpeg's demuxers. */
    String demuxers() {
        return demuxers;
    }

    /** Names of FFmpeg's software decoders; where two decode one codec, the first that is built in is taken. */
    String decoders() {
        return decoders;
    }

    /** The decoder for a codec, or an empty one where the codec is not allowed or not built in. */
    AVCodec decoderFor(int codecId) {
        return Stream.of(decoders.split(",", -1))
                .map(avcodec::avcodec_find_decoder_by_name)
                .filter(decoder -> decoder != null && decoder.id() == codecId)
                .findFirst()
                .orElseGet(() -> new AVCodec(null));
    }
}
