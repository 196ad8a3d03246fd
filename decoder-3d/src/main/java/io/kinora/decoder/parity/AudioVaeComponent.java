package io.kinora.decoder.parity;

import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/** {@code audioldm.vae}: latents, already divided by the scaling factor, to mel spectrograms {@code [B, 1, F, M]}. */
public final class AudioVaeComponent implements ParityComponent {
    @Override
    public String name() {
        return "audioldm.vae";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        AutoencoderKlConfig config = AutoencoderKlConfig.read(parityCase.checkpoint());
        Tensor latent = parityCase.tensor("latent", engine);
        ReleasedPart.use(parityCase, engine, weights -> AutoencoderKl.decoderOnly(config, weights), vae -> {
            Tensor mel = vae.decode(latent, VaeDecodeComponent.slicing(parityCase, latent));
            outputs.put("mel", MelAxes.asExpected(parityCase, mel));
        });
    }
}
