package io.kinora.decoder.parity;

import io.kinora.decoder.unet.UNet2dConditionModel;
import io.kinora.decoder.unet.UNet2dConfig;
import io.kinora.tensor.Engine;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/** {@code unet2d}: one prediction of a {@link UNet2dConditionModel}. */
public final class UNet2dComponent implements ParityComponent {
    @Override
    public String name() {
        return "unet2d";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        UNet2dConfig config = UNet2dConfig.read(parityCase.checkpoint());
        ReleasedPart.use(
                parityCase, engine, weights -> new UNet2dConditionModel(config, weights), unet -> new UNetInputs(
                                parityCase, engine)
                        .run(unet, outputs));
    }
}
