package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameSamplerTest {
    private static final DecodeLimits LIMITS = DecodeLimits.defaults();

    static Stream<Arguments> clips() {
        return Stream.concat(
                TestClips.encoded().entrySet().stream().map(clip -> Arguments.of(clip.getKey(), clip.getValue())),
                TestClips.FIXTURES.stream().map(name -> Arguments.of(name, TestClips.fixture(name))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("clips")
    void exactlyTheFramesOfTheFormulaAreTakenWithTheirTimeStamps(String name, byte[] clip) {
        for (int n : new int[] {1, 5, 8, 12, 16, 64}) {
            SampledClip sampled = FrameSampler.uniform(n).sample(VideoSource.bytes(clip), LIMITS);
            assertThat(sampled.damage()).as(name).isEmpty();
            assertThat(sampled.framesInClip()).isEqualTo(TestClips.FRAMES);
            assertThat(sampled.rule()).isEqualTo(SamplingRule.BY_ORDER);
            assertThat(sampled.indices())
                    .containsExactlyElementsOf(Arrays.stream(UniformSampling.byOrder(TestClips.FRAMES, n))
                            .boxed()
                            .toList());
            for (ClipFrame frame : sampled.frames()) {
                assertThat(NumberedFrames.read(frame.image())).isEqualTo(frame.index());
                Duration exact = Duration.ofNanos(frame.index() * 1_000_000_000L / 24);
                assertThat(frame.timestamp().minus(exact).abs()).isLessThan(Duration.ofMillis(2));
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("clips")
    void decodingWhatIsNeededGivesTheSamePixelsAsDecodingEverything(String name, byte[] clip) {
        for (int n : new int[] {1, 2, 7, 20}) {
            FrameSampler sampler = FrameSampler.uniform(n);
            SampledClip needed = sampler.sample(VideoSource.bytes(clip), LIMITS);
            SampledClip all = sampler.decodingEverything().sample(VideoSource.bytes(clip), LIMITS);
            assertThat(needed.frames()).as(name).isEqualTo(all.frames());
            assertThat(needed.duration()).isEqualTo(all.duration());
            assertThat(all.framesDecoded()).isEqualTo(TestClips.FRAMES);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"h264-b-frames.avi", "h264.264"})
    void clipsWithoutTimeStampsAreDecodedWholeAndCounted(String name) {
        SampledClip sampled = FrameSampler.uniform(8).sample(VideoSource.bytes(TestClips.fixture(name)), LIMITS);
        assertThat(sampled.framesInClip()).isEqualTo(TestClips.FRAMES);
        assertThat(sampled.frames()).allSatisfy(frame -> assertThat(NumberedFrames.read(frame.image()))
                .isEqualTo(frame.index()));
        assertThat(sampled.timestamps()).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void onlyKeyFramesAndWhatFollowsThemIsDecodedAndUnreferencedPicturesAreLeftOut() {
        byte[] intraOnly = TestClips.encoded().get("mjpeg.mov");
        assertThat(FrameSampler.uniform(8)
                        .sample(VideoSource.bytes(intraOnly), LIMITS)
                        .framesDecoded())
                .isEqualTo(8);
        byte[] bFrames = TestClips.fixture("h264-b-pyramid.mp4");
        assertThat(FrameSampler.uniform(8)
                        .sample(VideoSource.bytes(bFrames), LIMITS)
                        .framesDecoded())
                .isLessThan(35);
    }

    @Test
    void framesHiddenByAnEditListAreNotCounted() {
        SampledClip sampled =
                FrameSampler.uniform(6).sample(VideoSource.bytes(TestClips.fixture("h264-edit-list.mp4")), LIMITS);
        assertThat(sampled.framesInClip()).isEqualTo(36);
        assertThat(sampled.frames()).allSatisfy(frame -> assertThat(NumberedFrames.read(frame.image()))
                .isEqualTo(frame.index() + 12));
        assertThat(sampled.frames().get(0).timestamp()).isEqualTo(Duration.ofMillis(125));
    }

    @ParameterizedTest
    @ValueSource(strings = {"matroska", "mp4"})
    void atAVariableRateTheClipIsCutByTime(String container) {
        // 30 frames in the first second, then one each second: ticks of a millisecond.
        long[] ticks = new long[36];
        for (int i = 0; i < 36; i++) {
            ticks[i] = i < 30 ? i * 1000L / 30 : 1000L * (i - 29);
        }
        byte[] clip = TestClips.make(
                TestClips.yuv(container, "libopenh264", Map.of("g", "8", "rc_mode", "quality")),
                Rational.of(1000, 1),
                NumberedFrames.first(36, 80, 60),
                ticks);
        SampledClip sampled = FrameSampler.uniform(6).sample(VideoSource.bytes(clip), LIMITS);
        assertThat(sampled.rule()).isEqualTo(SamplingRule.BY_TIME);
        // The clip lasts 6.001 s: the frames on screen at 0.5001, 1.5003, 2.5004 … seconds.
        assertThat(sampled.indices()).containsExactly(15, 30, 31, 32, 33, 34);
        assertThat(sampled.frames()).allSatisfy(frame -> assertThat(NumberedFrames.read(frame.image()))
                .isEqualTo(frame.index()));
        assertThat(sampled.timestamps()).contains(Duration.ofMillis(500), Duration.ofSeconds(4));
        assertThat(FrameSampler.uniform(6)
                        .decodingEverything()
                        .sample(VideoSource.bytes(clip), LIMITS)
                        .frames())
                .isEqualTo(sampled.frames());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shortClipsRepeatTheirFrames(int frames) {
        byte[] clip = VideoEncoder.encode(NumberedFrames.first(frames, 64, 48), EncodeSettings.mp4(Rational.of(8, 1)));
        SampledClip sampled = FrameSampler.uniform(8).sample(VideoSource.bytes(clip), LIMITS);
        assertThat(sampled.frames()).hasSize(8);
        assertThat(sampled.indices())
                .containsExactlyElementsOf(Arrays.stream(UniformSampling.byOrder(frames, 8))
                        .boxed()
                        .toList());
        assertThat(sampled.frames()).allSatisfy(frame -> assertThat(NumberedFrames.read(frame.image()))
                .isEqualTo(frame.index()));
    }

    @Test
    void aLosslessClipWithPaddedRowsComesBackByteForByte() {
        Random random = new Random(34);
        List<RgbFrame> frames = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            byte[] pixels = new byte[34 * 21 * 3];
            random.nextBytes(pixels);
            frames.add(RgbFrame.of(34, 21, pixels));
        }
        byte[] clip = TestClips.make(TestClips.lossless(), Rational.of(10, 1), frames);
        SampledClip sampled = FrameSampler.uniform(9).sample(VideoSource.bytes(clip), LIMITS);
        assertThat(sampled.frames().stream().map(ClipFrame::image)).containsExactlyElementsOf(frames);
        assertThat(sampled.info().width()).isEqualTo(34);
        assertThat(sampled.info().height()).isEqualTo(21);
    }

    @Test
    void aFileAndItsBytesGiveTheSame(@TempDir Path folder) throws Exception {
        byte[] clip = TestClips.fixture("hevc.mp4");
        Path file = Files.write(folder.resolve("a clip, named: ünwisely%20.txt"), clip);
        FrameSampler sampler = FrameSampler.uniform(4);
        assertThat(sampler.sample(VideoSource.file(file), LIMITS).frames())
                .isEqualTo(sampler.sample(VideoSource.bytes(clip), LIMITS).frames());
    }

    @Test
    void anOpenClipCanBeSampledAgainAndAgain() {
        try (VideoClip clip = VideoClip.open(VideoSource.bytes(TestClips.fixture("h264-open-gop.mkv")), LIMITS)) {
            SampledClip first = clip.sample(FrameSampler.uniform(8));
            clip.sample(FrameSampler.uniform(3).decodingEverything());
            assertThat(clip.sample(FrameSampler.uniform(8)).frames()).isEqualTo(first.frames());
            List<ClipFrame> all = new ArrayList<>();
            assertThat(clip.forEachFrame(all::add)).isEmpty();
            assertThat(all).hasSize(TestClips.FRAMES).containsAll(first.frames());
        }
    }

    @Test
    void framesPassThroughTheMappingAsTheyAreDecoded() {
        FrameSampler sampler = FrameSampler.uniform(3)
                .mapping(frame -> frame.crop(0, 0, 40, 60))
                .mapping(frame -> frame.crop(0, 0, 40, 20));
        SampledClip sampled = sampler.sample(VideoSource.bytes(TestClips.fixture("hevc.mp4")), LIMITS);
        assertThat(sampled.frames()).allSatisfy(frame -> {
            assertThat(frame.image().width()).isEqualTo(40);
            assertThat(frame.image().height()).isEqualTo(20);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65})
    void otherNumbersOfFramesAreRefused(int frames) {
        assertThatThrownBy(() -> FrameSampler.uniform(frames))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 64");
    }
}
