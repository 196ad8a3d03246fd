package io.kinora.decoder.parity;

import io.kinora.decoder.unet.UNet3dConditionModel;
import io.kinora.decoder.unet.UNet3dConfig;
import io.kinora.tensor.Engine;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/** {@code unet3d}: one prediction of a {@link UNet3dConditionModel}. */
public final class UNet3dComponent implements ParityComponent {
    @Override
    public String name() {
        return "unet3d";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        UNet3dConfig config = UNet3dConfig.read(parityCase.checkpoint());
        ReleasedPart.use(
                parityCase, engine, weights -> new UNet3dConditionModel(config, weights), unet -> new UNetInputs(
                                parityCase, engine)
                        .run(unet, outputs));
    }
}
