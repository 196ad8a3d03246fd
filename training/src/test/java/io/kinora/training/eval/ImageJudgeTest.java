package io.kinora.training.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.training.world.Background;
import io.kinora.training.world.Filming;
import io.kinora.training.world.Scene;
import io.kinora.training.world.ScenePrompts;
import io.kinora.training.world.SceneRenderer;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import io.kinora.video.ClipFrame;
import io.kinora.video.DecodeLimits;
import io.kinora.video.FrameResizer;
import io.kinora.video.FrameSampler;
import io.kinora.video.FrameSize;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoSource;
import java.util.List;
import java.util.Random;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageJudgeTest {
    private final World world = new World(11);

    @ParameterizedTest
    @ValueSource(ints = {8, 12, 16})
    void seesWhatSceneWasDrawn(int frames) {
        assertThat(rightly(120, index -> drawn(scene(index), 128, frames))).isGreaterThanOrEqualTo(0.99);
    }

    @Test
    void seesThroughNoise() {
        assertThat(rightly(70, index -> noisy(drawn(scene(index), 128, 8), index)))
                .isGreaterThanOrEqualTo(0.97);
    }

    @Test
    void seesThroughBlur() {
        assertThat(rightly(70, index -> blurred(drawn(scene(index), 128, 8)))).isGreaterThanOrEqualTo(0.97);
    }

    @Test
    void seesThroughEncoding() {
        assertThat(rightly(34, index -> filmed(scene(index), index))).isGreaterThanOrEqualTo(0.97);
    }

    @Test
    void seesWhatPromptsAskFor() {
        ScenePrompts prompts = new ScenePrompts(world);
        for (int i = 0; i < 80; i++) {
            Scene scene = prompts.prompt(Split.HELD_OUT, i).scene();
            assertThat(words(ImageJudge.judge(drawn(scene, 128, 16)))).isEqualTo(words(scene));
        }
    }

    @Test
    void seesNothingWhereNothingIs() {
        RgbFrame empty = RgbFrame.of(64, 64, new byte[64 * 64 * 3]);
        assertThat(ImageJudge.judge(List.of(empty, empty, empty, empty))).isEmpty();
        Scene scene = scene(3);
        Scene onAnother = new Scene(scene.sprites(), Background.plainDark());
        assertThat(ImageJudge.judge(drawn(onAnother, 128, 8))).hasSameSizeAs(scene.sprites());
    }

    private double rightly(int clips, LongFunction<List<RgbFrame>> frames) {
        long right = LongStream.range(0, clips)
                .filter(index -> words(ImageJudge.judge(frames.apply(index))).equals(words(scene(index))))
                .count();
        return (double) right / clips;
    }

    private Scene scene(long index) {
        return world.scene(index % 2 == 0 ? Split.TRAIN : Split.HELD_OUT, index);
    }

    private static List<String> words(Scene scene) {
        return words(scene.sprites().stream()
                .map(sprite -> new Sighting(sprite.colour(), sprite.shape(), sprite.motions()))
                .toList());
    }

    private static List<String> words(List<Sighting> sightings) {
        return sightings.stream().map(Sighting::words).sorted().toList();
    }

    private static List<RgbFrame> drawn(Scene scene, int size, int frames) {
        return new SceneRenderer(scene, size, size).frames(frames);
    }

    private static List<RgbFrame> filmed(Scene scene, long index) {
        VideoSource file = VideoSource.bytes(Filming.of(Split.HELD_OUT, index).film(scene));
        return FrameSampler.uniform(8).sample(file, DecodeLimits.defaults()).frames().stream()
                .map(ClipFrame::image)
                .toList();
    }

    private static List<RgbFrame> noisy(List<RgbFrame> frames, long seed) {
        Random random = new Random(seed);
        return frames.stream()
                .map(frame -> {
                    byte[] pixels = frame.toByteArray();
                    for (int i = 0; i < pixels.length; i++) {
                        double value = (pixels[i] & 0xff) + 9 * random.nextGaussian();
                        pixels[i] = (byte) Math.max(0, Math.min(255, Math.round(value)));
                    }
                    return RgbFrame.of(frame.width(), frame.height(), pixels);
                })
                .toList();
    }

    private static List<RgbFrame> blurred(List<RgbFrame> frames) {
        Stream<RgbFrame> small = frames.stream()
                .map(frame -> FrameResizer.likePil(frame, new FrameSize(48, 48), FrameResizer.Filter.BICUBIC));
        return small.map(frame -> FrameResizer.likePil(frame, new FrameSize(128, 128), FrameResizer.Filter.BICUBIC))
                .toList();
    }
}
