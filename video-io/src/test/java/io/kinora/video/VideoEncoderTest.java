package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacv.FFmpegFrameGrabber;
import org.bytedeco.javacv.Frame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class VideoEncoderTest {
    private static final Rational NTSC = Rational.of(30_000, 1001);
    private static final DecodeLimits LIMITS = DecodeLimits.defaults();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(VideoFormat.class)
    void everyFramePushedComesOutInOrderAtItsTime(VideoFormat format) {
        byte[] video = VideoEncoder.encode(NumberedFrames.first(50, 96, 72), settings(format));
        SampledClip clip = FrameSampler.uniform(50).refusingDamaged().sample(VideoSource.bytes(video), LIMITS);
        assertThat(clip.framesInClip()).isEqualTo(50);
        assertThat(clip.indices())
                .containsExactlyElementsOf(IntStream.range(0, 50).boxed().toList());
        for (ClipFrame frame : clip.frames()) {
            assertThat(NumberedFrames.read(frame.image())).isEqualTo(frame.index());
            Duration exact = StreamDescription.duration(frame.index(), 1001, 30_000);
            assertThat(frame.timestamp().minus(exact).abs()).isLessThanOrEqualTo(Duration.ofMillis(1));
        }
    }

    @Test
    void anMp4IsWhatBrowsersPlay() {
        byte[] video = VideoEncoder.encode(NumberedFrames.first(20, 96, 72), settings(VideoFormat.MP4_H264));
        VideoInfo info = VideoProbe.probe(VideoSource.bytes(video), LIMITS);
        assertThat(info.container()).contains("mp4");
        assertThat(info.codec()).isEqualTo("h264");
        assertThat(info.pixelFormat()).isEqualTo("yuv420p");
        assertThat(info.frameRate()).contains(NTSC);
        assertThat(info.frameCount()).hasValue(20);
        assertThat(info.colorSpace()).isEqualTo("bt709");
        assertThat(info.colorRange()).isEqualTo("tv");
        String text = new String(video, StandardCharsets.ISO_8859_1);
        assertThat(text.indexOf("moov")).isPositive().isLessThan(text.indexOf("mdat"));
    }

    @Test
    void aWebmIsVp9() {
        byte[] video = VideoEncoder.encode(NumberedFrames.first(20, 96, 72), settings(VideoFormat.WEBM_VP9));
        VideoInfo info = VideoProbe.probe(VideoSource.bytes(video), LIMITS);
        assertThat(info.container()).isEqualTo("matroska,webm");
        assertThat(info.codec()).isEqualTo("vp9");
        assertThat(info.pixelFormat()).isEqualTo("yuv420p");
        assertThat(info.colorSpace()).isEqualTo("bt709");
        assertThat(info.duration()).hasValueSatisfying(duration -> assertThat(duration)
                .isBetween(Duration.ofMillis(666), Duration.ofMillis(669)));
    }

    @ParameterizedTest
    @EnumSource(VideoFormat.class)
    void theSameFramesGiveTheSameBytes(VideoFormat format) {
        List<RgbFrame> frames = movingDisc(24);
        assertThat(VideoEncoder.encode(frames, settings(format)))
                .isEqualTo(VideoEncoder.encode(frames, settings(format)));
    }

    @ParameterizedTest
    @EnumSource(VideoFormat.class)
    void higherQualityIsALargerFileNearerToTheOriginal(VideoFormat format) {
        List<RgbFrame> frames = movingDisc(24);
        double lastPsnr = 0;
        int lastSize = 0;
        for (int quality : new int[] {1, 40, 75, 100}) {
            byte[] video = VideoEncoder.encode(frames, settings(format).withQuality(quality));
            double psnr = worstPsnr(frames, video);
            assertThat(video.length).isGreaterThan(lastSize);
            assertThat(psnr).isGreaterThan(lastPsnr - 0.5);
            lastPsnr = psnr;
            lastSize = video.length;
        }
        assertThat(lastPsnr).isGreaterThan(36);
    }

    /** A red disc on a blue ground of nearly the same brightness: what OpenH264's background detection leaves dirt of. */
    @ParameterizedTest
    @EnumSource(VideoFormat.class)
    void whatMovesLeavesNothingBehind(VideoFormat format) {
        List<RgbFrame> frames = movingDisc(60);
        assertThat(worstPsnr(frames, VideoEncoder.encode(frames, settings(format))))
                .isGreaterThan(36);
    }

    @ParameterizedTest
    @CsvSource({"97, 72, 98, 72", "96, 71, 96, 72", "33, 35, 34, 36", "15, 15, 16, 16"})
    void oddSidesGetACopyOfTheirLastColumnOrRow(int width, int height, int codedWidth, int codedHeight)
            throws Exception {
        for (VideoFormat format : VideoFormat.values()) {
            Path file = folder.resolve("odd." + format.extension());
            try (VideoEncoder encoder = VideoEncoder.open(file, settings(format))) {
                NumberedFrames.first(6, width, height).forEach(encoder::push);
                EncodedVideo video = encoder.finish();
                assertThat(video.width()).isEqualTo(codedWidth);
                assertThat(video.height()).isEqualTo(codedHeight);
                assertThat(video.frames()).isEqualTo(6);
                assertThat(video.bytes()).isEqualTo(Files.size(file));
                assertThat(video.duration()).isEqualTo(Duration.ofNanos(200_200_000));
            }
            SampledClip clip = FrameSampler.uniform(6).sample(VideoSource.file(file), LIMITS);
            RgbFrame last = clip.frames().get(5).image();
            assertThat(last.width()).isEqualTo(codedWidth);
            assertThat(last.height()).isEqualTo(codedHeight);
            for (int y = 0; y < codedHeight; y++) {
                assertThat(last.sample(codedWidth - 1, y, 1) > 127).isEqualTo(last.sample(codedWidth - 3, y, 1) > 127);
            }
        }
    }

    @Test
    void aFrameTooSmallForItsCodecIsRefusedInWords() {
        assertThatThrownBy(
                        () -> VideoEncoder.encode(NumberedFrames.first(2, 8, 8), EncodeSettings.mp4(Rational.of(8, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a frame of a video is at least 15×15, got 8×8");
    }

    @ParameterizedTest
    @EnumSource(VideoFormat.class)
    void metadataComeBack(VideoFormat format) {
        Map<String, String> metadata = Map.of("title", "Ein roter Kreis, 赤い丸", "kinora-prompt", "a red circle");
        byte[] video = VideoEncoder.encode(
                NumberedFrames.first(3, 64, 48), settings(format).withMetadata(metadata));
        Map<String, String> read =
                VideoProbe.probe(VideoSource.bytes(video), LIMITS).metadata();
        metadata.forEach((key, value) -> assertThat(read.entrySet())
                .anyMatch(pair ->
                        pair.getKey().equalsIgnoreCase(key) && pair.getValue().equals(value)));
    }

    @Test
    void theFileAppearsWholeOrNotAtAll() throws Exception {
        Path file = folder.resolve("video.mp4");
        VideoEncoder abandoned = VideoEncoder.open(file, settings(VideoFormat.MP4_H264));
        abandoned.push(NumberedFrames.of(1, 64, 48));
        abandoned.close();
        assertThat(folder).isEmptyDirectory();

        Files.writeString(file, "what was here before");
        try (VideoEncoder encoder = VideoEncoder.open(file, settings(VideoFormat.MP4_H264))) {
            for (int i = 0; i < 5; i++) {
                encoder.push(NumberedFrames.of(i, 64, 48));
                assertThat(encoder.frames()).isEqualTo(i + 1);
                assertThat(Files.readString(file)).isEqualTo("what was here before");
            }
            encoder.finish();
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
        assertThat(VideoProbe.probe(VideoSource.file(file), LIMITS).frameCount())
                .hasValue(5);
    }

    @Test
    void misuseIsRefusedInWords() {
        Path file = folder.resolve("video.mp4");
        try (VideoEncoder encoder = VideoEncoder.open(file, settings(VideoFormat.MP4_H264))) {
            assertThatThrownBy(encoder::finish).hasMessageContaining("at least one frame");
            encoder.push(NumberedFrames.of(0, 64, 48));
            assertThatThrownBy(() -> encoder.push(NumberedFrames.of(1, 64, 50)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("frame 1 is 64×50, expected 64×48 as the first");
            encoder.finish();
            assertThatThrownBy(() -> encoder.push(NumberedFrames.of(1, 64, 48)))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(encoder::finish).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() ->
                        VideoEncoder.open(folder.resolve("no/such/folder/video.mp4"), settings(VideoFormat.MP4_H264)))
                .isInstanceOf(VideoEncodeException.class)
                .hasMessageContaining("cannot be written");
        assertThatThrownBy(() -> settings(VideoFormat.MP4_H264).withQuality(0)).hasMessageContaining("1 to 100");
        assertThatThrownBy(() -> EncodeSettings.mp4(Rational.of(1001, 1))).hasMessageContaining("at most 1000");
        assertThatThrownBy(() -> settings(VideoFormat.MP4_H264).withMetadata(Map.of("", "x")))
                .hasMessageContaining("empty keys");
    }

    /** JavaCV's grabber reads what we write: another reader, the same frames and times. */
    @ParameterizedTest
    @EnumSource(VideoFormat.class)
    void javaCvReadsTheSameFrames(VideoFormat format) throws Exception {
        Path file = Files.write(
                folder.resolve("clip." + format.extension()),
                VideoEncoder.encode(NumberedFrames.first(30, 96, 72), settings(format)));
        try (FFmpegFrameGrabber grabber = new FFmpegFrameGrabber(file.toFile())) {
            grabber.start();
            for (int i = 0; i < 30; i++) {
                Frame frame = grabber.grabImage();
                assertThat(frame).isNotNull();
                ByteBuffer bgr = (ByteBuffer) frame.image[0];
                int number = 0;
                for (int bit = 0; bit < 12; bit++) {
                    int x = (2 * (bit % 4) + 1) * 12;
                    int y = (2 * (bit / 4) + 1) * 12;
                    number |= (bgr.get(y * frame.imageStride + x * 3) & 0xff) > 127 ? 1 << bit : 0;
                }
                assertThat(number).isEqualTo(i);
                assertThat(frame.timestamp).isBetween(i * 1_001_000L / 30 - 1000, i * 1_001_000L / 30 + 1000);
            }
            assertThat(grabber.grabImage()).isNull();
        }
    }

    private static EncodeSettings settings(VideoFormat format) {
        return new EncodeSettings(format, NTSC, 75, Map.of());
    }

    private static List<RgbFrame> movingDisc(int frames) {
        return IntStream.range(0, frames).mapToObj(VideoEncoderTest::disc).toList();
    }

    /** Edges are soft, so that the loss is the encoder's and not that of halving the chroma. */
    private static RgbFrame disc(int frame) {
        int width = 240;
        int height = 120;
        byte[] pixels = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double inside = Math.max(0, Math.min(1, (34 - Math.hypot(x - 40 - 2.5 * frame, y - 60)) / 8));
                int at = (y * width + x) * 3;
                pixels[at] = (byte) (40 + 180 * inside);
                pixels[at + 1] = (byte) (60 - 30 * inside);
                pixels[at + 2] = (byte) (90 - 60 * inside);
            }
        }
        return RgbFrame.of(width, height, pixels);
    }

    private static double worstPsnr(List<RgbFrame> frames, byte[] video) {
        double[] worst = {Double.MAX_VALUE};
        try (VideoClip clip = VideoClip.open(VideoSource.bytes(video), LIMITS)) {
            clip.forEachFrame(decoded -> {
                byte[] a = decoded.image().toByteArray();
                byte[] b = frames.get(decoded.index()).toByteArray();
                double error = 0;
                for (int i = 0; i < a.length; i++) {
                    double difference = (a[i] & 0xff) - (b[i] & 0xff);
                    error += difference * difference;
                }
                worst[0] = Math.min(worst[0], 10 * Math.log10(255.0 * 255 * a.length / error));
            });
        }
        return worst[0];
    }
}
