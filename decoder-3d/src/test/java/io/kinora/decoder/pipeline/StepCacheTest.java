package io.kinora.decoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kinora.decoder.nn.FillRule;
import io.kinora.decoder.nn.Golden;
import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.decoder.unet.Conditioning;
import io.kinora.decoder.unet.DeepFeatures;
import io.kinora.decoder.unet.DenoisingUNet;
import io.kinora.decoder.unet.UNet2dConditionModel;
import io.kinora.decoder.unet.UNet2dConfig;
import io.kinora.decoder.unet.UNet3dConditionModel;
import io.kinora.decoder.unet.UNet3dConfig;
import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deep features kept between steps, and how the difference is measured. */
final class StepCacheTest extends WithEngine {
    @Test
    void aStepOnHeldFeaturesIsTheWholeStepWhereNothingChanged() {
        UNet3dConfig clips = UNet3dConfig.read(TinyCheckpoint.resource("embeddings_to_video/unet"));
        assertReusedStepEqualsWhole(
                new UNet3dConditionModel(clips, FillRule.of(engine())), Golden.sines(engine(), 0.05, 1, 4, 2, 3, 5));
        UNet2dConfig stills = UNet2dConfig.read(TinyCheckpoint.resource("text_to_image/unet"));
        assertReusedStepEqualsWhole(
                new UNet2dConditionModel(stills, FillRule.of(engine())), Golden.sines(engine(), 0.05, 2, 4, 4, 6));
    }

    private static void assertReusedStepEqualsWhole(DenoisingUNet unet, Tensor sample) {
        UNetPrompt prompt = UNetPrompt.of(Golden.cosines(engine(), 0.1, sample.rank() == 5 ? 1 : 2, 5, 12));
        try (Conditioning conditioning = unet.condition(prompt);
                TimeSchedule schedule = unet.embedTime(conditioning, 500, 480);
                DeepFeatures deep = new DeepFeatures(1)) {
            float[] exact = unet.forward(sample, schedule.step(0), conditioning).toFloats();
            assertThat(unet.forward(sample, schedule.step(0), conditioning, deep)
                            .toFloats())
                    .containsExactly(exact, within(1e-5f));
            assertThat(deep.isHeld()).isTrue();
            assertThat(unet.forward(sample, schedule.step(0), conditioning, deep)
                            .toFloats())
                    .containsExactly(exact, within(1e-5f));

            float[] later = unet.forward(sample, schedule.step(1), conditioning).toFloats();
            float[] reused =
                    unet.forward(sample, schedule.step(1), conditioning, deep).toFloats();
            assertThat(reused).isNotEqualTo(later);
            deep.forget();
            assertThat(unet.forward(sample, schedule.step(1), conditioning, deep)
                            .toFloats())
                    .containsExactly(later, within(1e-5f));
            assertThatThrownBy(() -> unet.forward(sample, schedule.step(0), conditioning, new DeepFeatures(2)))
                    .hasMessageContaining("2 levels has no features below its outer 2");
        }
    }

    @Test
    void framesFromACacheAreNearTheExactOnesAndNearerTheMoreStepsAreWhole(@TempDir Path folder) throws IOException {
        try (DiffusionPipeline pipeline =
                Pipelines.open(TinyCheckpoint.write("embeddings_to_video", folder, engine()), engine())) {
            List<PixelFrame> exact = generate(pipeline, Optional.empty());
            FrameDifference often =
                    FrameDifference.between(generate(pipeline, Optional.of(new StepCache(2, 1))), exact);
            FrameDifference once = FrameDifference.between(generate(pipeline, Optional.of(new StepCache(8, 1))), exact);
            assertThat(often.psnr()).isGreaterThan(once.psnr()).isBetween(20.0, 90.0);
            assertThat(often.ssim()).isGreaterThan(0.8).isLessThan(1);
            assertThatThrownBy(() -> generate(pipeline, Optional.of(new StepCache(2, 2))))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessage("step cache depth is 2, allowed is 1 to 1 for a network of 2 levels");
        }
    }

    private static List<PixelFrame> generate(DiffusionPipeline pipeline, Optional<StepCache> cache) {
        GenerationRequest.Builder request = GenerationRequest.of(new Prompt.Embeddings(
                        Golden.sines(engine(), 0.3, 8, 12), Optional.of(Golden.cosines(engine(), 0.2, 8, 12))))
                .frames(2)
                .size(24, 16)
                .steps(8)
                .guidance(2)
                .seed(1);
        cache.ifPresent(request::stepCache);
        Recorded got = new Recorded();
        pipeline.generate(request.build(), got, CancelSignal.NEVER);
        return got.pictures;
    }

    @Test
    void differenceOfEvenFramesIsWhatTheFormulasSay() {
        List<PixelFrame> dark = List.of(even(100));
        List<PixelFrame> light = List.of(even(110));
        assertThat(FrameDifference.between(dark, dark).psnr()).isInfinite();
        assertThat(FrameDifference.between(dark, dark).ssim()).isCloseTo(1, within(1e-9));
        FrameDifference difference = FrameDifference.between(dark, light);
        assertThat(difference.psnr()).isCloseTo(20 * Math.log10(25.5), within(1e-9));
        double c1 = 6.5025;
        assertThat(difference.ssim()).isCloseTo((2 * 100 * 110 + c1) / (100 * 100 + 110 * 110 + c1), within(1e-6));
        assertThatThrownBy(() -> FrameDifference.between(dark, List.of()))
                .hasMessage("1 frames cannot be compared with 0");
    }

    private static PixelFrame even(int value) {
        byte[] rgb = new byte[16 * 12 * 3];
        Arrays.fill(rgb, (byte) value);
        return PixelFrame.of(16, 12, ByteBuffer.wrap(rgb));
    }
}
