package io.kinora.decoder.vae;

import io.kinora.decoder.nn.FillRule;
import io.kinora.decoder.nn.Golden;
import io.kinora.decoder.nn.ModuleConfig;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tiny autoencoder of the specification's golden vectors. */
class AutoencoderKlGoldenTest extends WithEngine {
    private static AutoencoderKl autoencoder() {
        AutoencoderKlConfig config = AutoencoderKlConfig.of(ModuleConfig.parse("golden", """
                {"block_out_channels": [8, 16], "layers_per_block": 1, "norm_num_groups": 4,
                 "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
                 "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"]}"""));
        return new AutoencoderKl(config, FillRule.of(engine()));
    }

    @Test
    void decodingHasItsGoldenValues() {
        Tensor image = autoencoder().decode(Golden.sines(engine(), 0.2, 1, 4, 3, 5), Slicing.ONE);
        Golden.assertMatches(
                image, 180, 13.739191, 12.964667, new double[] {0.161804, 0.228749, 0.236699, 0.172233}, new double[] {
                    -0.107042, -0.0415
                });
    }

    @Test
    void encodingHasItsGoldenValues() {
        try (LatentDistribution latents =
                autoencoder().encode(Golden.sines(engine(), 0.07, 1, 3, 6, 10), Slicing.ONE)) {
            Tensor moments = engine().cat(List.of(latents.mean(), latents.logvar()), 1);
            Golden.assertMatches(
                    moments,
                    120,
                    -2.373907,
                    1.801629,
                    new double[] {-0.14587, -0.054369, 0.018119, 0.012359},
                    new double[] {0.100914, 0.12312});
        }
    }
}
