package io.kinora.decoder.parity;

import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;

/** Spectrograms have an axis of one channel as the VAE gives them, and none as the vocoder takes them; cases write them either way. */
final class MelAxes {
    private MelAxes() {}

    /** Of {@code [B, 1, F, M]} or {@code [B, F, M]}, the form of the case's own output {@code mel}. */
    static Tensor asExpected(ParityCase parityCase, Tensor mel) {
        int rank = parityCase.expectedRank("mel").orElse(mel.rank());
        if (rank == 3 && mel.rank() == 4) {
            return mel.squeeze(1);
        }
        return rank == 4 && mel.rank() == 3 ? mel.unsqueeze(1) : mel;
    }
}
