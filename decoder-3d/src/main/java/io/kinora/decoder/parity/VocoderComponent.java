package io.kinora.decoder.parity;

import io.kinora.decoder.audio.HifiGan;
import io.kinora.decoder.audio.HifiGanConfig;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityComponent;
import io.kinora.tensor.parity.ParityOutputs;

/** {@code audioldm.vocoder}: mel spectrograms {@code [B, F, M]}, or a single one {@code [F, M]}, to samples. */
public final class VocoderComponent implements ParityComponent {
    @Override
    public String name() {
        return "audioldm.vocoder";
    }

    @Override
    public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
        HifiGanConfig config = HifiGanConfig.read(parityCase.checkpoint());
        Tensor mel = parityCase.tensor("mel", engine);
        ReleasedPart.use(parityCase, engine, weights -> new HifiGan(config, weights), vocoder -> {
            try (vocoder) {
                outputs.put(
                        "waveform",
                        mel.rank() == 2
                                ? vocoder.forward(mel.unsqueeze(0)).squeeze(0)
                                : vocoder.forward(mel.rank() == 4 ? mel.squeeze(1) : mel));
            }
        });
    }
}
