package io.kinora.decoder.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.decoder.nn.FillRule;
import io.kinora.decoder.nn.Fixture;
import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.tensor.DType;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What is computed before the first step is the same as if it were computed at each. */
class PreparationTest extends WithEngine {
    private static Fixture fixture() {
        return Fixture.of(engine(), "unet3d", "batch_of_two");
    }

    private static UNet3dConditionModel network() {
        return new UNet3dConditionModel(UNet3dConfig.of(fixture().module()), FillRule.uniform(engine()));
    }

    @Test
    void aStepOfAScheduleEqualsACallWithItsTimestep() {
        UNet3dConditionModel unet = network();
        Tensor sample = fixture().tensor("sample");
        UNetPrompt prompt = UNetPrompt.of(fixture().tensor("context"));
        double[] timesteps = {981, 500, 1};
        try (Conditioning conditioning = unet.condition(prompt);
                TimeSchedule schedule = unet.embedTime(conditioning, timesteps)) {
            assertThat(schedule.steps()).isEqualTo(3);
            for (int i = 0; i < timesteps.length; i++) {
                float[] prepared =
                        unet.forward(sample, schedule.step(i), conditioning).toFloats();
                float[] single = unet.forward(sample, timesteps[i], prompt).toFloats();
                assertThat(prepared).usingComparatorWithPrecision(1e-5f).containsExactly(single);
            }
            assertThatThrownBy(() -> schedule.step(3)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void theHalvesOfABatchMayBeComputedOneAfterTheOther() {
        UNet3dConditionModel unet = network();
        Tensor sample = fixture().tensor("sample");
        Tensor context = fixture().tensor("context");
        float[] together = unet.forward(sample, 321, UNetPrompt.of(context)).toFloats();
        for (int half = 0; half < 2; half++) {
            float[] alone = unet.forward(
                            sample.slice(0, half, half + 1), 321, UNetPrompt.of(context.slice(0, half, half + 1)))
                    .toFloats();
            float[] expected = Arrays.copyOfRange(together, half * alone.length, (half + 1) * alone.length);
            assertThat(alone).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
        }
    }

    @Test
    void theSampleIsLeftAsItIs() {
        Tensor sample = fixture().tensor("sample");
        float[] before = sample.toFloats();
        network().forward(sample, 1, UNetPrompt.of(fixture().tensor("context")));
        assertThat(sample.toFloats()).containsExactly(before);
    }

    @Test
    void aConditioningOfAnotherNetworkIsRefused() {
        UNet3dConditionModel unet = network();
        UNet3dConditionModel other = network();
        Tensor sample = fixture().tensor("sample");
        try (Conditioning foreign = other.condition(UNetPrompt.of(fixture().tensor("context")));
                TimeSchedule schedule = unet.embedTime(foreign, 1)) {
            assertThatThrownBy(() -> unet.forward(sample, schedule.step(0), foreign))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("another network");
        }
    }

    @Test
    void latentsWithoutFramesAreRefusedWithBothShapes() {
        UNet3dConditionModel unet = network();
        Tensor empty = engine().zeros(DType.F32, 1, 4, 0, 8, 8);
        UNetPrompt prompt = UNetPrompt.of(fixture().tensor("context"));
        assertThatThrownBy(() -> unet.forward(empty, 1, prompt))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[B, 4, F, Y, X]")
                .hasMessageContaining("[1, 4, 0, 8, 8]");
    }
}
