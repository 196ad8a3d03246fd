package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever bytes come in, the answer is a sampled clip or a {@link VideoException}, soon. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DamagedClipTest {
    private static final DecodeLimits LIMITS = DecodeLimits.defaults().withMaxDecodeTime(Duration.ofSeconds(10));
    private static final int FLIPPED_COPIES = 12;

    static Stream<Arguments> clips() {
        Map<String, byte[]> clips = new LinkedHashMap<>();
        Map<String, byte[]> encoded = TestClips.encoded();
        for (String name : List.of(
                "h264.mp4",
                "h264.flv",
                "mpeg4.avi",
                "mpeg2-b-frames.ts",
                "mpeg1.mpg",
                "vp8-alt-ref.webm",
                "vp9.webm",
                "av1.mp4",
                "prores.mov",
                "ffv1.mkv",
                "huffyuv.avi",
                "qtrle-alpha.mov")) {
            clips.put(name, encoded.get(name));
        }
        for (String name : List.of("h264-open-gop.mkv", "h264-interlaced.mp4", "hevc.mp4", "h264.264")) {
            clips.put(name, TestClips.fixture(name));
        }
        return clips.entrySet().stream().map(clip -> Arguments.of(clip.getKey(), clip.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("clips")
    void aClipCutShortAtAnyTenthIsRefusedOrSampledInPart(String name, byte[] clip) {
        List<String> outcomes = new ArrayList<>();
        for (int tenth = 0; tenth < 10; tenth++) {
            outcomes.add(outcome(Arrays.copyOf(clip, clip.length * tenth / 10)));
        }
        assertThat(outcomes.get(0)).as(name).contains("is empty");
        assertThat(outcomes).noneMatch(outcome -> outcome.equals("48 frames, whole"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("clips")
    void aClipWithFlippedBitsIsRefusedOrSampled(String name, byte[] clip) {
        for (int seed = 0; seed < FLIPPED_COPIES; seed++) {
            Random random = new Random(seed);
            byte[] flipped = clip.clone();
            int flips = 1 + random.nextInt(Math.max(1, clip.length >> (4 + seed % 6)));
            for (int i = 0; i < flips; i++) {
                int bit = random.nextInt(clip.length * 8);
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
            }
            assertThat(outcome(flipped)).as("%s, seed %d", name, seed).isNotEmpty();
        }
    }

    @Test
    void aClipCutShortSaysSoAndIsRefusedOnRequest() {
        byte[] clip = VideoEncoder.encode(NumberedFrames.first(40, 160, 120), EncodeSettings.mp4(Rational.of(20, 1)));
        byte[] half = Arrays.copyOf(clip, clip.length / 2);
        SampledClip sampled = FrameSampler.uniform(8).sample(VideoSource.bytes(half), LIMITS);
        assertThat(sampled.isDamaged()).isTrue();
        assertThat(sampled.damage()).anyMatch(words -> words.contains("the container declares 40 frames and has"));
        assertThat(sampled.framesInClip()).isBetween(5, 30);
        assertThat(sampled.frames()).allSatisfy(frame -> assertThat(NumberedFrames.read(frame.image()))
                .isEqualTo(frame.index()));
        FrameSampler strict = FrameSampler.uniform(8).refusingDamaged();
        assertThatThrownBy(() -> strict.sample(VideoSource.bytes(half), LIMITS))
                .isInstanceOfSatisfying(DamagedClipException.class, refusal -> assertThat(refusal.damage())
                        .isEqualTo(sampled.damage()))
                .hasMessageContaining("is damaged");
        assertThat(strict.sample(VideoSource.bytes(clip), LIMITS).isDamaged()).isFalse();
    }

    @Test
    void damageInFramesThatAreNotNeededIsFoundByDecodingEverything() {
        byte[] clip = TestClips.encoded().get("mjpeg.mov");
        byte[] broken = clip.clone();
        int middle = indexOf(clip, new byte[] {(byte) 0xff, (byte) 0xd8}, clip.length / 2);
        Arrays.fill(broken, middle, middle + 400, (byte) 0);
        FrameSampler first = FrameSampler.uniform(1);
        SampledClip everything = FrameSampler.uniform(8).decodingEverything().sample(VideoSource.bytes(broken), LIMITS);
        assertThat(everything.isDamaged()).isTrue();
        assertThatThrownBy(() -> first.decodingEverything().refusingDamaged().sample(VideoSource.bytes(broken), LIMITS))
                .isInstanceOf(DamagedClipException.class);
    }

    @Test
    void whatIsNoClipIsRefusedWithWhatIsAllowed() {
        Map<String, byte[]> noClips = Map.of(
                "zeros", new byte[100_000],
                "text", "Dear Sir or Madam,\nplease find attached.\n".repeat(50).getBytes(StandardCharsets.UTF_8),
                "image", StillImage.png(NumberedFrames.of(5, 64, 48)),
                "jpeg", StillImage.jpeg(NumberedFrames.of(5, 64, 48), 80));
        noClips.forEach((name, bytes) -> assertThatThrownBy(
                        () -> FrameSampler.uniform(1).sample(VideoSource.bytes(bytes), LIMITS))
                .as(name)
                .isInstanceOf(UnreadableClipException.class)
                .hasMessageContaining("MP4, MOV, Matroska"));
        byte[] random = new byte[50_000];
        new Random(5).nextBytes(random);
        assertThat(outcome(random)).startsWith("UnreadableClipException");
    }

    @Test
    void aWrongExtensionChangesNothing(@TempDir Path folder) throws Exception {
        for (String extension : List.of("m3u8", "jpg", "txt", "concat", "mp4", "sdp")) {
            Path file = Files.write(folder.resolve("clip." + extension), TestClips.fixture("h264-open-gop.mkv"));
            SampledClip sampled = FrameSampler.uniform(2).sample(VideoSource.file(file), LIMITS);
            assertThat(sampled.info().container()).isEqualTo("matroska,webm");
        }
    }

    @Test
    void anAbsurdHeaderIsRefusedBeforeAnythingIsDecoded() {
        byte[] mp4 = TestClips.encoded().get("h264.mp4");
        int entry = indexOf(
                mp4,
                "avc1".getBytes(StandardCharsets.US_ASCII),
                indexOf(mp4, "stsd".getBytes(StandardCharsets.US_ASCII), 0));
        byte[] absurd = mp4.clone();
        Arrays.fill(absurd, entry + 28, entry + 32, (byte) 0xff); // 65535 × 65535
        assertThatThrownBy(() -> FrameSampler.uniform(1).sample(VideoSource.bytes(absurd), LIMITS))
                .isInstanceOf(ClipLimitException.class)
                .hasMessageContaining("65535×65535");
        byte[] samples = mp4.clone();
        int sizes = indexOf(mp4, "stsz".getBytes(StandardCharsets.US_ASCII), 0);
        // A constant size of 1 for two thousand million samples.
        samples[sizes + 11] = 1;
        Arrays.fill(samples, sizes + 12, sizes + 16, (byte) 0x7f);
        assertThat(outcome(samples)).isNotEmpty();
    }

    @Test
    void foldersDevicesAndMissingFilesAreRefused(@TempDir Path folder) {
        assertThatThrownBy(() -> VideoProbe.probe(VideoSource.file(folder), LIMITS))
                .isInstanceOf(UnreadableClipException.class)
                .hasMessageContaining("is not a regular file");
        assertThatThrownBy(() -> VideoProbe.probe(VideoSource.file(folder.resolve("gone.mp4")), LIMITS))
                .isInstanceOf(UnreadableClipException.class)
                .hasMessage("gone.mp4 does not exist");
    }

    private static String outcome(byte[] bytes) {
        try {
            SampledClip sampled = FrameSampler.uniform(4).sample(VideoSource.bytes(bytes), LIMITS);
            return "%d frames, %s".formatted(sampled.framesInClip(), sampled.isDamaged() ? "damaged" : "whole");
        } catch (VideoException refusal) {
            assertThat(refusal.getMessage()).isNotBlank();
            return refusal.getClass().getSimpleName() + ": " + refusal.getMessage();
        }
    }

    private static int indexOf(byte[] bytes, byte[] wanted, int from) {
        for (int i = from; i + wanted.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }
}
