package io.kinora.decoder.unet;

import io.kinora.decoder.nn.FillRule;
import io.kinora.decoder.nn.Golden;
import io.kinora.decoder.nn.ModuleConfig;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The tiny 2D U-Nets of the specification's golden vectors. */
class UNet2dGoldenTest extends WithEngine {
    @Test
    void theNetworkOfSdxlHasItsGoldenValues() {
        UNet2dConditionModel unet = network("""
                {"block_out_channels": [8, 16], "layers_per_block": 1, "norm_num_groups": 4,
                 "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
                 "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
                 "cross_attention_dim": 12, "attention_head_dim": [2, 4], "use_linear_projection": true,
                 "transformer_layers_per_block": [1, 2], "addition_embed_type": "text_time",
                 "addition_time_embed_dim": 8, "projection_class_embeddings_input_dim": 58}""");
        UNetPrompt prompt = UNetPrompt.of(
                Golden.cosines(engine(), 0.1, 1, 5, 12),
                Golden.sines(engine(), 0.3, 1, 10),
                engine().of(new long[] {64, 96, 0, 8, 64, 96}, 1, 6));
        Tensor output = unet.forward(Golden.sines(engine(), 0.05, 1, 4, 4, 6), 500, prompt);
        Golden.assertMatches(
                output, 96, 7.173107, 5.110105, new double[] {0.117835, 0.206274, 0.317696, 0.398769}, new double[] {
                    0.357163, 0.156914
                });
    }

    @Test
    void theNetworkOfStableDiffusion15HasItsGoldenValues() {
        UNet2dConditionModel unet = network("""
                {"block_out_channels": [8, 16], "layers_per_block": 1, "norm_num_groups": 4,
                 "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
                 "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
                 "cross_attention_dim": 12, "attention_head_dim": 2}""");
        Tensor output = unet.forward(
                Golden.sines(engine(), 0.05, 1, 4, 4, 6), 500, UNetPrompt.of(Golden.cosines(engine(), 0.1, 1, 5, 12)));
        Golden.assertMatches(
                output, 96, 7.055649, 4.264151, new double[] {-0.014498, 0.025902, 0.150453, 0.270079}, new double[] {
                    0.433328, 0.256266
                });
    }

    private static UNet2dConditionModel network(String config) {
        return new UNet2dConditionModel(UNet2dConfig.of(ModuleConfig.parse("golden", config)), FillRule.of(engine()));
    }
}
