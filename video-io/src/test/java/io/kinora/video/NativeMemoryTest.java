package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

class NativeMemoryTest {
    private static final int WARM_UP = 20;
    private static final int ROUNDS = 60;
    private static final int WINDOWS = 4;

    /** A quarter of what the rounds would leave behind if each lost a single picture. */
    private static final long ALLOWED = ROUNDS * 640L * 480 * 3 / 2 / 4;

    private static final int SOUND_ROUNDS = 20;

    /** A quarter of what the rounds would leave behind if each lost its samples once. */
    private static final long SOUND_ALLOWED = SOUND_ROUNDS * 120_000L * 2 * Float.BYTES / 4;

    /** What the operating system sees includes the heap, which the build bounds; its growth is taken off. */
    @Test
    void samplingEncodingAndRefusingLeaveNothingBehind() {
        byte[] clip = VideoEncoder.encode(specks(4), EncodeSettings.mp4(Rational.of(4, 1)));
        byte[] half = Arrays.copyOf(clip, clip.length / 2);
        for (int i = 0; i < WARM_UP; i++) {
            work(clip, half);
        }
        // What is lost is lost in every window; the JVM's own compiled code and class data grow in some only.
        long growth = Long.MAX_VALUE;
        for (int window = 0; window < WINDOWS && growth >= ALLOWED; window++) {
            long before = nativeBytes();
            for (int i = 0; i < ROUNDS; i++) {
                work(clip, half);
            }
            growth = Math.min(growth, nativeBytes() - before);
        }
        assertThat(growth).isLessThan(ALLOWED);
    }

    /** Each round decodes, resamples and encodes about a megabyte of samples, and fails in the middle of a file. */
    @Test
    void readingResamplingAndWritingSoundLeaveNothingBehind() {
        byte[] sound = AudioEncoder.encode(Tone.at(16_000, 40_000), AudioFormat.OGG_OPUS);
        byte[] spoiled = Tone.fixture("flac16.flac");
        spoiled[9000] ^= 1;
        for (int i = 0; i < SOUND_ROUNDS; i++) {
            workOnSound(sound, spoiled);
        }
        long growth = Long.MAX_VALUE;
        for (int window = 0; window < WINDOWS && growth >= SOUND_ALLOWED; window++) {
            long before = nativeBytes();
            for (int i = 0; i < SOUND_ROUNDS; i++) {
                workOnSound(sound, spoiled);
            }
            growth = Math.min(growth, nativeBytes() - before);
        }
        assertThat(growth).isLessThan(SOUND_ALLOWED);
    }

    private static void workOnSound(byte[] sound, byte[] spoiled) {
        AudioClip clip = AudioReader.whole()
                .read(VideoSource.bytes(sound), AudioLimits.defaults())
                .clip();
        AudioEncoder.encode(clip.resampled(16_000).cut(0, 16_000), AudioFormat.WEBM_OPUS);
        assertThatThrownBy(() -> AudioReader.whole().strict().read(VideoSource.bytes(spoiled), AudioLimits.defaults()))
                .isInstanceOf(DamagedClipException.class);
    }

    private static List<RgbFrame> specks(int frames) {
        Random random = new Random(1);
        return Stream.generate(() -> {
                    byte[] pixels = new byte[640 * 480 * 3];
                    for (int i = 0; i < pixels.length; i += 1 + random.nextInt(60)) {
                        pixels[i] = (byte) random.nextInt(128);
                    }
                    return RgbFrame.of(640, 480, pixels);
                })
                .limit(frames)
                .toList();
    }

    private static void work(byte[] clip, byte[] half) {
        FrameSampler sampler = FrameSampler.uniform(2).mapping(frame -> frame.crop(0, 0, 64, 48));
        for (byte[] bytes : new byte[][] {clip, half}) {
            SampledClip sampled = sampler.sample(VideoSource.bytes(bytes), DecodeLimits.defaults());
            StillImage.png(sampled.frames().get(0).image());
            VideoEncoder.encode(
                    sampled.frames().stream().map(ClipFrame::image).toList(), EncodeSettings.mp4(Rational.of(8, 1)));
        }
    }

    private static long nativeBytes() {
        System.gc();
        return Pointer.physicalBytes() - Runtime.getRuntime().totalMemory();
    }
}
