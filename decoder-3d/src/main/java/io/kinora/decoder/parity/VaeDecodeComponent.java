package io.kinora.decoder.parity;

import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.decoder.vae.Slicing;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/** {@code vae.decode}: latents, already divided by the scaling factor, to images, whole or {@code tiled}. */
public final class VaeDecodeComponent implements ParityComponent {
    @Override
    public String name() {
        return "vae.decode";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        AutoencoderKlConfig config = AutoencoderKlConfig.read(parityCase.checkpoint());
        Tensor latent = parityCase.tensor("latent", engine);
        ReleasedPart.use(
                parityCase,
                engine,
                weights -> AutoencoderKl.decoderOnly(config, weights),
                vae -> outputs.put("sample", vae.decode(latent, slicing(parityCase, latent))));
    }

    /** All images at once, as the official class does unless it is told otherwise. */
    static Slicing slicing(ParityCase parityCase, Tensor images) {
        Slicing all = Slicing.of(Math.toIntExact(images.dim(0)));
        return parityCase.input("tiled").asBoolean(false) ? all.withTiles() : all;
    }
}
