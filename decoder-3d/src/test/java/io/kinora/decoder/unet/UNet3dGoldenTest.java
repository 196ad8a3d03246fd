package io.kinora.decoder.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kinora.decoder.nn.ChannelsLast;
import io.kinora.decoder.nn.Conv2d;
import io.kinora.decoder.nn.FillRule;
import io.kinora.decoder.nn.Golden;
import io.kinora.decoder.nn.ModuleConfig;
import io.kinora.decoder.nn.Sinusoids;
import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.nn.TimestepEmbedding;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tiny 3D U-Net of the specification's golden vectors, stage by stage. */
class UNet3dGoldenTest extends WithEngine {
    private static final String CONFIG = """
            {"block_out_channels": [8, 16], "layers_per_block": 1, "norm_num_groups": 4,
             "down_block_types": ["CrossAttnDownBlock3D", "DownBlock3D"],
             "up_block_types": ["UpBlock3D", "CrossAttnUpBlock3D"],
             "cross_attention_dim": 12, "attention_head_dim": 4}""";

    private static UNet3dConfig config() {
        return UNet3dConfig.of(ModuleConfig.parse("golden", CONFIG));
    }

    @Test
    void sinusoidsPutTheCosinesFirst() {
        float[] row = Sinusoids.of(engine(), 320, 981).toFloats();
        int[] at = {0, 1, 2, 159, 160, 161, 162, 319};
        double[] expected = {
            0.67995721, -0.79842919, 0.57806414, 0.99460590, 0.73325181, 0.60208869, 0.81599128, 0.10372588
        };
        for (int i = 0; i < at.length; i++) {
            assertThat((double) row[at[i]]).isCloseTo(expected[i], within(1e-4));
        }
    }

    @Test
    void theTimeEmbeddingHasItsGoldenValues() {
        Tensor embedding = new TimestepEmbedding(FillRule.of(engine()).at("time_embedding"), 8, 32)
                .forward(Sinusoids.of(engine(), 8, 500));
        Golden.assertMatches(
                embedding, 32, 0.021001, 0.260205, new double[] {0.130587, 0.164807, 0.148563, 0.094037}, new double[] {
                    -0.123148, -0.113904
                });
    }

    @Test
    void everyStageHasItsGoldenValues() {
        List<Tensor> outputs = stageByStage();
        double[][] sums = {
            {576, 32.190714, 246.781269},
            {144, -0.156416, 24.114747},
            {288, -12.405350, 148.833362},
            {288, -19.103540, 1731.352231},
            {1152, -11.331309, 54.412056},
            {576, 63.272029, 428.813504},
            {288, 24.98076, 15.11631},
        };
        double[][] first = {
            {0.478602, 0.865285, 0.907023, 0.946256},
            {-0.365702, -0.613245, -0.589485, -0.635829},
            {1.392714, 1.028397, 0.496841, 0.379346},
            {2.377239, 0.602268, -1.064905, -0.642269},
            {0.042315, -0.048874, -0.092218, -0.163083},
            {-0.615418, -1.155811, -1.531602, -0.981692},
            {0.250706, 0.318112, 0.315499, 0.177961},
        };
        double[][] last = {
            {0.674777, 0.715755},
            {0.498482, 0.529032},
            {0.216532, 0.7524},
            {-2.268845, -0.45806},
            {0.145293, 0.08043},
            {-0.705835, 0.019212},
            {0.298136, 0.374360},
        };
        for (int stage = 0; stage < sums.length; stage++) {
            Golden.assertMatches(
                    outputs.get(stage),
                    (int) sums[stage][0],
                    sums[stage][1],
                    sums[stage][2],
                    first[stage],
                    last[stage]);
        }
        float[] output = wholeNetwork().toFloats();
        assertThat((double) output[10]).isCloseTo(0.071572, within(2e-5));
        assertThat((double) output[50]).isCloseTo(0.056056, within(2e-5));
        assertThat((double) output[100]).isCloseTo(0.149344, within(2e-5));
        assertThat((double) output[200]).isCloseTo(0.406222, within(2e-5));
    }

    @Test
    void everyLayerOfTheFirstUnitHasItsGoldenValues() {
        Tensor sample = ChannelsLast.images(Golden.sines(engine(), 0.05, 1, 4, 3, 4, 6));
        UNet3dConditionModel in = new UNet3dConditionModel(config(), FillRule.of(engine()), new StageRange(0, 1));
        UNetBuilder builder = new UNetBuilder(
                UNet3dConditionModel.layout(config()), new UNet3dConditionModel.Units(config()), FillRule.of(engine()));
        UNetUnit unit = builder.down(0).units().get(0);
        Tensor context = Golden.cosines(engine(), 0.1, 1, 5, 12);
        Tensor embedding = new TimestepEmbedding(FillRule.of(engine()).at("time_embedding"), 8, 32)
                .forward(Sinusoids.of(engine(), 8, 500));
        try (Conditioning conditioning = in.condition(UNetPrompt.of(context));
                TimeSchedule schedule = TimeSchedule.of(embedding, 1, builder.resnets())) {
            Tensor convIn = Conv2d.of3x3(FillRule.of(engine()).at("conv_in"), 4, 8, Conv2d.Inflation.SPATIAL)
                    .forward(sample, 3);
            Golden.assertMatches(
                    convIn,
                    576,
                    2.446010,
                    279.244305,
                    new double[] {0.566605, 0.962747, 1.006285, 1.04708},
                    new double[] {0.395368, 0.448196});
            UNetState state = in.advance(new UNetState(sample, List.of(), 3), schedule.step(0), conditioning);
            Tensor resnet = unit.resnet().forward(state.hidden(), 3, schedule.step(0));
            Golden.assertMatches(
                    resnet,
                    576,
                    50.169474,
                    278.913102,
                    new double[] {0.31462, 0.668555, 0.7293, 0.763501},
                    new double[] {1.018259, 0.901527});
            Tensor tempConv = unit.tempConv().orElseThrow().forward(resnet, 3);
            Golden.assertMatches(
                    tempConv,
                    576,
                    16.392706,
                    290.005259,
                    new double[] {0.395932, 0.863968, 0.747409, 0.585635},
                    new double[] {0.943127, 0.821988});
            Tensor attention = unit.attention().orElseThrow().forward(tempConv, 3, attn -> attn.project(context));
            Golden.assertMatches(
                    attention,
                    576,
                    20.742626,
                    293.952455,
                    new double[] {0.27131, 0.7668, 0.653871, 0.495297},
                    new double[] {1.149859, 1.010591});
            Golden.assertMatches(
                    unit.tempAttention().orElseThrow().forward(attention, 3),
                    576,
                    -21.520308,
                    323.769951,
                    new double[] {0.002876, 0.465812, 0.348346, 0.186494},
                    new double[] {1.237965, 1.085406});
        }
    }

    private static Tensor wholeNetwork() {
        UNet3dConditionModel unet = new UNet3dConditionModel(config(), FillRule.of(engine()));
        Tensor sample = Golden.sines(engine(), 0.05, 1, 4, 3, 4, 6);
        return unet.forward(sample, 500, UNetPrompt.of(Golden.cosines(engine(), 0.1, 1, 5, 12)));
    }

    /** Each stage as a network of its own, fed by the one before: also the proof that a cut network computes the same. */
    private static List<Tensor> stageByStage() {
        List<Tensor> outputs = new ArrayList<>();
        Tensor sample = Golden.sines(engine(), 0.05, 1, 4, 3, 4, 6);
        UNetPrompt prompt = UNetPrompt.of(Golden.cosines(engine(), 0.1, 1, 5, 12));
        UNetState state = new UNetState(ChannelsLast.images(sample), List.of(), 3);
        for (int stage = 0; stage < StageRange.stages(2); stage++) {
            UNet3dConditionModel part =
                    new UNet3dConditionModel(config(), FillRule.of(engine()), new StageRange(stage, stage + 1));
            try (Conditioning conditioning = part.condition(prompt);
                    TimeSchedule schedule = part.embedTime(conditioning, 500)) {
                state = part.advance(state, schedule.step(0), conditioning);
            }
            Tensor shown = stage == StageRange.stages(2) - 1 ? ChannelsLast.video(state.hidden(), 3) : state.hidden();
            outputs.add(engine().of(shown.toFloats(), shown.shape().toArray()));
        }
        return outputs;
    }
}
