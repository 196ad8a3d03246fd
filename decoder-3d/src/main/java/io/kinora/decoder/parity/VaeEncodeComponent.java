package io.kinora.decoder.parity;

import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.decoder.vae.LatentDistribution;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/** {@code vae.encode}: images in -1 to 1 to the moments of their latents, and where noise is given to a sample. */
public final class VaeEncodeComponent implements ParityComponent {
    @Override
    public String name() {
        return "vae.encode";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        AutoencoderKlConfig config = AutoencoderKlConfig.read(parityCase.checkpoint());
        Tensor image = parityCase.tensor("image", engine);
        ReleasedPart.use(parityCase, engine, weights -> new AutoencoderKl(config, weights), vae -> {
            try (LatentDistribution latent = vae.encode(image, VaeDecodeComponent.slicing(parityCase, image))) {
                outputs.put("mean", latent.mean());
                outputs.put("logvar", latent.logvar());
                if (parityCase.hasInput("noise")) {
                    outputs.put("latent", latent.sample(parityCase.tensor("noise", engine)));
                }
            }
        });
    }
}
