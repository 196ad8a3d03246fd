package io.kinora.video;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.ffmpeg.global.avutil;

/** Clips in many codecs, made by the encoders that are built in, and those stored as fixtures. */
final class TestClips {
    static final Rational RATE = Rational.of(24, 1);
    static final int WIDTH = 80;
    static final int HEIGHT = 60;
    static final int FRAMES = 48;

    /** Fixtures whose packets can be counted before decoding; each has 48 numbered frames at 24 a second. */
    static final List<String> FIXTURES = List.of(
            "h264-b-pyramid.mp4",
            "h264-open-gop.mkv",
            "h264-open-gop.ts",
            "h264-intra-refresh.mp4",
            "h264-interlaced.mp4",
            "h264-interlaced.ts",
            "h264-high10.mp4",
            "hevc.mp4",
            "hevc-open-gop-10bit.mkv",
            "hevc-temporal-layers.mp4");

    private TestClips() {}

    static byte[] fixture(String name) {
        try (InputStream stream = TestClips.class.getResourceAsStream("clips/" + name)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** 48 numbered frames in each kind that the built-in encoders make, by name. */
    static Map<String, byte[]> encoded() {
        Map<String, byte[]> clips = new LinkedHashMap<>();
        List<RgbFrame> frames = NumberedFrames.first(FRAMES, WIDTH, HEIGHT);
        specs().forEach((name, spec) -> clips.put(name, make(spec, RATE, frames)));
        return clips;
    }

    static Map<String, EncoderSpec> specs() {
        Map<String, EncoderSpec> specs = new LinkedHashMap<>();
        specs.put("h264.mp4", yuv("mp4", "libopenh264", Map.of("g", "12", "rc_mode", "quality")));
        specs.put("h264.flv", yuv("flv", "libopenh264", Map.of("g", "12", "rc_mode", "quality")));
        specs.put("mpeg4-b-frames.mp4", yuv("mp4", "mpeg4", Map.of("g", "12", "bf", "2")));
        specs.put("mpeg4.avi", yuv("avi", "mpeg4", Map.of("g", "12", "bf", "0")));
        specs.put("mpeg2-b-frames.ts", yuv("mpegts", "mpeg2video", Map.of("g", "12", "bf", "2")));
        specs.put("mpeg2-b-frames.mkv", yuv("matroska", "mpeg2video", Map.of("g", "12", "bf", "2")));
        specs.put("mpeg1.mpg", yuv("mpeg", "mpeg1video", Map.of("g", "12", "bf", "2")));
        specs.put(
                "vp8-alt-ref.webm",
                yuv(
                        "webm",
                        "libvpx",
                        Map.of(
                                "g",
                                "24",
                                "auto-alt-ref",
                                "1",
                                "lag-in-frames",
                                "12",
                                "deadline",
                                "good",
                                "cpu-used",
                                "4")));
        specs.put("vp9.webm", yuv("webm", "libvpx-vp9", Map.of("g", "16", "cpu-used", "6", "auto-alt-ref", "1")));
        specs.put("av1.mp4", yuv("mp4", "libaom-av1", Map.of("g", "16", "cpu-used", "8", "usage", "realtime")));
        specs.put(
                "av1-10bit.mkv",
                of(
                        "matroska",
                        "libaom-av1",
                        avutil.AV_PIX_FMT_YUV420P10LE,
                        Map.of("cpu-used", "8", "usage", "realtime")));
        specs.put("mjpeg.mov", of("mov", "mjpeg", avutil.AV_PIX_FMT_YUVJ420P, Map.of()));
        specs.put("prores.mov", of("mov", "prores_ks", avutil.AV_PIX_FMT_YUV422P10LE, Map.of()));
        specs.put("ffv1.mkv", of("matroska", "ffv1", avutil.AV_PIX_FMT_BGR0, Map.of()));
        specs.put("qtrle-alpha.mov", of("mov", "qtrle", avutil.AV_PIX_FMT_ARGB, Map.of()));
        specs.put("huffyuv.avi", of("avi", "huffyuv", avutil.AV_PIX_FMT_YUV422P, Map.of()));
        return specs;
    }

    static EncoderSpec yuv(String container, String encoder, Map<String, String> options) {
        return of(container, encoder, avutil.AV_PIX_FMT_YUV420P, options);
    }

    static EncoderSpec of(String container, String encoder, int pixelFormat, Map<String, String> options) {
        boolean rgb = (avutil.av_pix_fmt_desc_get(pixelFormat).flags() & avutil.AV_PIX_FMT_FLAG_RGB) != 0;
        return new EncoderSpec(
                container,
                Map.of(encoder, options),
                pixelFormat,
                rgb ? avutil.AVCOL_SPC_RGB : avutil.AVCOL_SPC_SMPTE170M,
                rgb || pixelFormat == avutil.AV_PIX_FMT_YUVJ420P ? avutil.AVCOL_RANGE_JPEG : avutil.AVCOL_RANGE_MPEG,
                Map.of());
    }

    /** A clip without loss of any bit. */
    static EncoderSpec lossless() {
        return of("matroska", "ffv1", avutil.AV_PIX_FMT_BGR0, Map.of());
    }

    static byte[] make(EncoderSpec spec, Rational rate, List<RgbFrame> frames) {
        return make(spec, rate, frames, LongStream.range(0, frames.size()).toArray());
    }

    /** A clip whose frames come at the given ticks of 1/rate seconds. */
    static byte[] make(EncoderSpec spec, Rational rate, List<RgbFrame> frames, long[] ticks) {
        try {
            Path file = Files.createTempFile("kinora-test-", ".clip");
            try (PictureEncoder encoder = PictureEncoder.open(
                            spec,
                            rate,
                            frames.get(0).width(),
                            frames.get(0).height(),
                            Muxer.wantsGlobalHeader(spec.container()));
                    Muxer muxer = Muxer.open(file, spec, encoder.context(), Map.of())) {
                for (int i = 0; i < ticks.length; i++) {
                    encoder.push(frames.get(i), ticks[i], packet -> muxer.write(packet, encoder.context()));
                }
                encoder.finish(packet -> muxer.write(packet, encoder.context()));
                muxer.finish();
            }
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
