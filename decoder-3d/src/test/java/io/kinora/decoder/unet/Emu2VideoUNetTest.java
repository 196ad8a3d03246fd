package io.kinora.decoder.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kinora.decoder.nn.Conv2d;
import io.kinora.decoder.nn.FillRule;
import io.kinora.decoder.nn.FrameReach;
import io.kinora.decoder.nn.ModuleConfig;
import io.kinora.decoder.nn.RecordedNames;
import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is promised of Emu2's video network, whose design is this project's own: no official implementation exists. */
class Emu2VideoUNetTest extends WithEngine {
    private static final double TIMESTEP = 421;
    private static final int EMBEDDINGS = 3;
    private static final String STABLE_DIFFUSION_21 = """
            {"block_out_channels": [8, 16], "layers_per_block": 1, "norm_num_groups": 4, "cross_attention_dim": 12,
             "attention_head_dim": [2, 4], "use_linear_projection": true, "embeddings_per_frame": 3,
             "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"]}""";

    private static UNet2dConfig image() {
        return UNet2dConfig.of(ModuleConfig.parse("test", STABLE_DIFFUSION_21));
    }

    private static Emu2VideoConfig config(FrameReach reach, KeyFrames keyFrames) {
        return new Emu2VideoConfig(image(), Conv2d.Inflation.TEMPORAL, reach, keyFrames, EMBEDDINGS);
    }

    private static UNet2dConditionModel imageNetwork() {
        return new UNet2dConditionModel(image(), FillRule.uniform(engine()));
    }

    private static Emu2VideoUNet withoutTemporalConvolutions(FrameReach reach, KeyFrames keyFrames) {
        return new Emu2VideoUNet(config(reach, keyFrames), new Without("temporal.", FillRule.uniform(engine()), ""));
    }

    private static Emu2VideoConfig configWithTime() {
        return new Emu2VideoConfig(
                image(), Conv2d.Inflation.TEMPORAL, FrameReach.OWN_FRAME, KeyFrames.NEAREST, true, EMBEDDINGS, 2, 1, 1);
    }

    private static Tensor normal(long seed, long... shape) {
        return new TorchRandom(seed).normal(engine(), shape);
    }

    /** {@code [B, C, F, Y, X]} to {@code [B·F, C, Y, X]}. */
    private static Tensor images(Tensor video) {
        return video.permute(0, 2, 1, 3, 4)
                .reshape(video.dim(0) * video.dim(2), video.dim(1), video.dim(3), video.dim(4));
    }

    private static Tensor predict(Emu2VideoUNet unet, Tensor video, Tensor keyFrames) {
        try (Conditioning conditioning = unet.condition(keyFrames, video.dim(2));
                TimeSchedule schedule = unet.embedTime(conditioning, TIMESTEP)) {
            return unet.forward(video, schedule.step(0), conditioning);
        }
    }

    @Test
    void withoutTemporalConvolutionsAndWithinFramesItIsTheImageNetworkToTheLastBit() {
        Tensor video = normal(1, 2, 4, 3, 6, 4);
        Tensor key = normal(2, 2, EMBEDDINGS, 12);
        Tensor prediction = predict(withoutTemporalConvolutions(FrameReach.OWN_FRAME, KeyFrames.NEAREST), video, key);
        Tensor perImage = key.repeatInterleave(3, 0); // [B·F, 3, 12]
        Tensor expected = imageNetwork().forward(images(video), TIMESTEP, UNetPrompt.of(perImage));
        // ND4J's sums are products by BLAS, which adds in an order that depends on the shape.
        assertThat(images(prediction).toFloats())
                .usingComparatorWithPrecision(engine().name().equals("nd4j") ? 1e-5f : 0)
                .containsExactly(expected.toFloats());
    }

    @Test
    void eachFrameIsWhatTheImageNetworkMakesOfItWithItsNearestKeyFrame() {
        Tensor video = normal(3, 1, 4, 4, 4, 4);
        Tensor keys = normal(4, 1, 2 * EMBEDDINGS, 12);
        Tensor prediction = predict(withoutTemporalConvolutions(FrameReach.OWN_FRAME, KeyFrames.NEAREST), video, keys);
        int[] nearest = {0, 0, 1, 1};
        for (int frame = 0; frame < 4; frame++) {
            Tensor key = keys.slice(1, (long) nearest[frame] * EMBEDDINGS, (nearest[frame] + 1L) * EMBEDDINGS);
            Tensor expected = imageNetwork().forward(video.select(2, frame), TIMESTEP, UNetPrompt.of(key));
            assertThat(prediction.select(2, frame).toFloats())
                    .usingComparatorWithPrecision(1e-5f)
                    .containsExactly(expected.toFloats());
        }
    }

    @Test
    void withAllKeyFramesEveryFrameSeesAllEmbeddings() {
        Tensor video = normal(5, 1, 4, 2, 4, 4);
        Tensor keys = normal(6, 1, 2 * EMBEDDINGS, 12);
        Tensor prediction = predict(withoutTemporalConvolutions(FrameReach.OWN_FRAME, KeyFrames.ALL), video, keys);
        Tensor expected = imageNetwork().forward(images(video), TIMESTEP, UNetPrompt.of(keys.repeatInterleave(2, 0)));
        assertThat(images(prediction).toFloats())
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(expected.toFloats());
    }

    @ParameterizedTest
    @EnumSource(FrameReach.class)
    void aStillClipLooksToEveryReachLikeOneFrame(FrameReach reach) {
        Tensor still = normal(7, 1, 4, 1, 4, 6).expand(1, 4, 3, 4, 6);
        Tensor key = normal(8, 1, EMBEDDINGS, 12);
        Tensor prediction = predict(withoutTemporalConvolutions(reach, KeyFrames.NEAREST), still, key);
        Tensor expected = imageNetwork().forward(still.select(2, 0), TIMESTEP, UNetPrompt.of(key));
        for (int frame = 0; frame < 3; frame++) {
            assertThat(prediction.select(2, frame).toFloats())
                    .usingComparatorWithPrecision(1e-5f)
                    .containsExactly(expected.toFloats());
        }
    }

    @Test
    void aFrameInfluencesThoseThatReachIt() {
        assertThat(influenceOfTheLastOfFour(FrameReach.OWN_FRAME)).containsExactly(false, false, false, true);
        assertThat(influenceOfTheLastOfFour(FrameReach.FIRST_PREVIOUS_OWN)).containsExactly(false, false, false, true);
        assertThat(influenceOfTheLastOfFour(FrameReach.ALL_FRAMES)).containsExactly(true, true, true, true);
        assertThat(influence(FrameReach.FIRST_PREVIOUS_OWN, 0)).containsExactly(true, true, true, true);
        assertThat(influence(FrameReach.FIRST_PREVIOUS_OWN, 1)[0]).isFalse();
    }

    private static boolean[] influenceOfTheLastOfFour(FrameReach reach) {
        return influence(reach, 3);
    }

    /** Which of four frames change when one of them does. */
    private static boolean[] influence(FrameReach reach, int changed) {
        Emu2VideoUNet unet = withoutTemporalConvolutions(reach, KeyFrames.NEAREST);
        Tensor video = normal(9, 1, 4, 4, 4, 4);
        Tensor key = normal(10, 1, EMBEDDINGS, 12);
        Tensor other = video.add(0);
        other.select(2, changed).addInPlace(normal(11, 1, 4, 4, 4));
        Tensor before = predict(unet, video, key);
        Tensor after = predict(unet, other, key);
        return changed(before, after);
    }

    /** Which of four frames differ. */
    private static boolean[] changed(Tensor before, Tensor after) {
        boolean[] moved = new boolean[4];
        for (int frame = 0; frame < 4; frame++) {
            float[] a = before.select(2, frame).toFloats();
            float[] b = after.select(2, frame).toFloats();
            double worst = 0;
            for (int i = 0; i < a.length; i++) {
                worst = Math.max(worst, Math.abs(a[i] - b[i]));
            }
            moved[frame] = worst > 1e-4;
        }
        return moved;
    }

    @Test
    void aTemporalConvolutionAddsThreeFramesWeightedSums() {
        Weights weights = FillRule.uniform(engine());
        Tensor video = normal(12, 3, 2, 4, 5); // three frames of two channels
        float[] plain = Conv2d.of3x3(weights, 2, 2, Conv2d.Inflation.SPATIAL)
                .forward(video, 3)
                .toFloats();
        float[] mixed = Conv2d.of3x3(weights, 2, 2, Conv2d.Inflation.TEMPORAL)
                .forward(video, 3)
                .toFloats();
        float[] kernel = weights.at("temporal").take("weight", 2, 2, 3, 1, 1).toFloats();
        float[] bias = weights.at("temporal").take("bias", 2).toFloats();
        int pixels = 20;
        for (int frame = 0; frame < 3; frame++) {
            for (int out = 0; out < 2; out++) {
                for (int pixel = 0; pixel < pixels; pixel++) {
                    double expected = plain[(frame * 2 + out) * pixels + pixel] + bias[out];
                    for (int tap = 0; tap < 3; tap++) {
                        int source = frame + tap - 1;
                        for (int in = 0; in < 2 && source >= 0 && source < 3; in++) {
                            expected += kernel[(out * 2 + in) * 3 + tap] * plain[(source * 2 + in) * pixels + pixel];
                        }
                    }
                    assertThat((double) mixed[(frame * 2 + out) * pixels + pixel])
                            .isCloseTo(expected, within(1e-5));
                }
            }
        }
    }

    @Test
    void temporalConvolutionsStandAfterEverySpatialOneAndNowhereElse() {
        RecordedNames names = new RecordedNames();
        new Emu2VideoUNet(config(FrameReach.ALL_FRAMES, KeyFrames.NEAREST), names.weights(engine()));
        List<String> spatial = names.ofKernel(3, 3);
        List<String> temporal = names.ofKernel(3, 1, 1);
        assertThat(temporal)
                .containsExactlyInAnyOrderElementsOf(spatial.stream()
                        .map(name -> name.replace(".weight", ".temporal.weight"))
                        .toList());
        assertThat(spatial).contains("conv_in.weight", "conv_out.weight", "up_blocks.0.upsamplers.0.conv.weight");
    }

    @Test
    void whatJoinsTimeIsMixedFromTheKeyFramesThatAMomentLiesBetween() {
        Emu2VideoUNet unet =
                new Emu2VideoUNet(configWithTime(), new Without("temporal.", FillRule.uniform(engine()), ""));
        Tensor video = normal(13, 2, 4, 4, 4, 4);
        Tensor keys = normal(14, 2, 2 * EMBEDDINGS, 12);
        Tensor moved = keys.add(0);
        moved.slice(1, EMBEDDINGS, 2L * EMBEDDINGS).addInPlace(normal(15, 2, EMBEDDINGS, 12));
        Tensor before = predict(unet, video, keys);
        Tensor after = predict(unet, video, moved);
        assertThat(changed(before, after)).containsExactly(false, true, true, true);
        Tensor alike = engine().cat(List.of(keys.slice(1, 0, EMBEDDINGS), keys.slice(1, 0, EMBEDDINGS)), 1);
        assertThat(predict(unet, video, alike).toFloats())
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(
                        predict(unet, video, keys.slice(1, 0, EMBEDDINGS)).toFloats());
    }

    @Test
    void keyFramesThatAddNothingToTimeChangeNothing() {
        Tensor video = normal(16, 2, 4, 4, 4, 4);
        Tensor keys = normal(17, 2, 2 * EMBEDDINGS, 12);
        Emu2VideoUNet silent =
                new Emu2VideoUNet(configWithTime(), new Without("class_embedding.", FillRule.uniform(engine()), ""));
        Emu2VideoUNet plain =
                new Emu2VideoUNet(config(FrameReach.OWN_FRAME, KeyFrames.NEAREST), FillRule.uniform(engine()));
        assertThat(predict(silent, video, keys).toFloats())
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(predict(plain, video, keys).toFloats());
    }

    @Test
    void embeddingsThatAreNotWholeKeyFramesAreRefused() {
        Emu2VideoUNet unet = withoutTemporalConvolutions(FrameReach.OWN_FRAME, KeyFrames.NEAREST);
        Tensor four = engine().zeros(DType.F32, 1, 4, 12);
        assertThatThrownBy(() -> unet.condition(four, 2))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[B, K·3, D]")
                .hasMessageContaining("[1, 4, 12]");
    }

    @Test
    void aConfigurationSaysHowFramesMeet() {
        String json = STABLE_DIFFUSION_21.replaceFirst(
                "\\{",
                "{\"temporal_convolutions\": false, \"frame_reach\": \"first_previous_own\", \"key_frames\": \"all\", ");
        Emu2VideoConfig config = Emu2VideoConfig.of(ModuleConfig.parse("test", json));
        assertThat(config.inflation()).isEqualTo(Conv2d.Inflation.SPATIAL);
        assertThat(config.reach()).isEqualTo(FrameReach.FIRST_PREVIOUS_OWN);
        assertThat(config.keyFrames()).isEqualTo(KeyFrames.ALL);
        Emu2VideoConfig defaults = Emu2VideoConfig.of(ModuleConfig.parse("test", STABLE_DIFFUSION_21));
        assertThat(defaults).isEqualTo(config(FrameReach.ALL_FRAMES, KeyFrames.NEAREST));
        String wrong = STABLE_DIFFUSION_21.replaceFirst("\\{", "{\"frame_reach\": \"some\", ");
        assertThatThrownBy(() -> Emu2VideoConfig.of(ModuleConfig.parse("test", wrong)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("frame_reach")
                .hasMessageContaining("first_previous_own");
    }

    /** Weights of which those in places of one name are zero. */
    private record Without(String zero, Weights weights, String path) implements Weights {
        @Override
        public Engine engine() {
            return weights.engine();
        }

        @Override
        public Weights at(String name) {
            return new Without(zero, weights.at(name), path + name + ".");
        }

        @Override
        public boolean has(String name) {
            return weights.has(name);
        }

        @Override
        public Tensor take(String name, long... shape) {
            return path.contains(zero) ? engine().zeros(DType.F32, shape) : weights.take(name, shape);
        }

        @Override
        public void ignore(String prefix) {
            weights.ignore(prefix);
        }
    }
}
