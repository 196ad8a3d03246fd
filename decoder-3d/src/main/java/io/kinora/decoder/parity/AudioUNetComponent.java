package io.kinora.decoder.parity;

import io.kinora.tensor.Engine;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/** {@code audioldm.unet}: one prediction of AudioLDM's U-Net, told what to hear by {@code class_labels}. */
public final class AudioUNetComponent implements ParityComponent {
    @Override
    public String name() {
        return "audioldm.unet";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        new UNet2dComponent().run(parityCase, engine, outputs);
    }
}
