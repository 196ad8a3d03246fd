package io.kinora.decoder.pipeline;

import java.util.List;

/** What an {@link AudioPipeline} makes: one or more pieces of sound of a single channel, equally long. Immutable. */
public final class GeneratedSound {
    private final int samplingRate;
    private final List<float[]> pieces;

    GeneratedSound(int samplingRate, List<float[]> pieces) {
        this.samplingRate = samplingRate;
        this.pieces = List.copyOf(pieces);
    }

    /** Samples per second. */
    public int samplingRate() {
        return samplingRate;
    }

    /** Number of pieces: one for a text, and one for each row of embeddings. */
    public int pieces() {
        return pieces.size();
    }

    /** A copy of the samples of one piece, in -1 to 1. */
    public float[] samples(int piece) {
        return pieces.get(piece).clone();
    }

    /** A copy of the samples of the first piece, in -1 to 1. */
    public float[] samples() {
        return samples(0);
    }
}
