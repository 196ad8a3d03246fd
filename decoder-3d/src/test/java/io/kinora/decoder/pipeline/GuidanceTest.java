package io.kinora.decoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kinora.decoder.nn.FillRule;
import io.kinora.decoder.nn.Golden;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.decoder.unet.UNet3dConditionModel;
import io.kinora.decoder.unet.UNet3dConfig;
import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Guidance, and the arithmetic around pixels. */
final class GuidanceTest extends WithEngine {
    @Test
    void guidanceOfOneIsThePromptAloneAndMoreGoesBeyondIt() {
        Tensor conditional = engine().of(new float[] {1, 2, 3, 4}, 1, 4);
        Tensor unconditional = engine().of(new float[] {0, 1, 1, 1}, 1, 4);
        assertThat(new Guidance(1, 0).isOn()).isFalse();
        assertThat(new Guidance(3, 0).combine(conditional, unconditional).toFloats())
                .containsExactly(new float[] {3, 4, 7, 10}, within(1e-6f));
    }

    @Test
    void rescaleRestoresTheContrastOfEachSample() {
        Tensor conditional = engine().of(new float[] {1, -1, 1, -1, 2, -2, 2, -2}, 2, 4);
        Tensor unconditional = engine().zeros(conditional.dtype(), 2, 4);
        // Guided is 3 times the conditional: full rescale undoes that, half of it leaves the mean of 3 and 1.
        assertThat(new Guidance(3, 1).combine(conditional, unconditional).toFloats())
                .containsExactly(conditional.toFloats(), within(1e-6f));
        assertThat(new Guidance(3, 0.5).combine(conditional, unconditional).toFloats())
                .containsExactly(new float[] {2, -2, 2, -2, 4, -4, 4, -4}, within(1e-5f));
    }

    @Test
    void halvesOneAfterTheOtherPredictWhatABatchPredicts() {
        UNet3dConfig config = UNet3dConfig.read(TinyCheckpoint.resource("embeddings_to_video/unet"));
        UNet3dConditionModel unet = new UNet3dConditionModel(config, FillRule.of(engine()));
        Conditions conditions = new Conditions(
                UNetPrompt.of(Golden.sines(engine(), 0.3, 1, 5, 12)),
                Optional.of(UNetPrompt.of(Golden.cosines(engine(), 0.2, 1, 5, 12))));
        Tensor sample = Golden.sines(engine(), 0.05, 1, 4, 3, 4, 6);
        Guidance guidance = new Guidance(2, 0.3);
        float[][] predictions = new float[2][];
        for (boolean batched : new boolean[] {false, true}) {
            try (GuidedUNet guided = new GuidedUNet(
                    engine(),
                    new UNetPlace.Here(unet, frames -> unet::condition),
                    3,
                    conditions,
                    new GuidedUNet.Mode(guidance, batched, Optional.empty()),
                    Optional.empty(),
                    900,
                    500)) {
                predictions[batched ? 1 : 0] = guided.predict(sample, 1).toFloats();
            }
        }
        assertThat(predictions[1]).containsExactly(predictions[0], within(1e-4f));
    }

    @Test
    void pixelsAreRoundedToTheNearestWithHalvesToEven() {
        float[] values = {0, 1, 0.5f, 0.0019f, 0.0059f, 2.5f / 255};
        Tensor pixels = engine().of(values, 3, 1, 2);
        ByteBuffer rgb = PixelFrame.of(pixels).rgb();
        // Row-major [3, Y, X] in, pixel by pixel out.
        assertThat(new int[] {rgb.get(0) & 0xff, rgb.get(1) & 0xff, rgb.get(2) & 0xff})
                .containsExactly(0, 128, 2);
        assertThat(new int[] {rgb.get(3) & 0xff, rgb.get(4) & 0xff, rgb.get(5) & 0xff})
                .containsExactly(255, 0, 2);
    }

    @Test
    void framesBecomeSignedPixelsAndComeBack() {
        byte[] bytes = new byte[2 * 4 * 3];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 11);
        }
        PixelFrame frame = PixelFrame.of(4, 2, ByteBuffer.wrap(bytes));
        Tensor signed = frame.toSignedPixels(engine());
        assertThat(signed.shape().toArray()).containsExactly(3, 2, 4);
        assertThat(PixelFrame.of(signed.mul(0.5).add(0.5))).isEqualTo(frame);
    }

    @Test
    void leastSquaresFindsTheMatrixThatMadeTheColours() {
        float[][] latents = new float[30][2];
        float[][] colours = new float[30][1];
        for (int i = 0; i < latents.length; i++) {
            latents[i] = new float[] {(float) Math.sin(i), (float) Math.cos(1.7 * i)};
            colours[i] = new float[] {0.25f * latents[i][0] - 0.75f * latents[i][1] + 0.5f};
        }
        double[][] solution = LatentColours.leastSquares(latents, colours);
        assertThat(solution[0][0]).isCloseTo(0.25, within(1e-6));
        assertThat(solution[1][0]).isCloseTo(-0.75, within(1e-6));
        assertThat(solution[2][0]).isCloseTo(0.5, within(1e-6));
    }
}
