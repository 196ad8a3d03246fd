package io.kinora.actors.shard;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;

/** What an {@link EncoderHost} computes. */
public interface FrameEncoder extends AutoCloseable {
    /** The engine it computes on. */
    Engine engine();

    /** Video frames {@link io.kinora.tensor.DType#U8} {@code [n, size, size, 3]} to {@code [n, embeddings, visual width]}, made in the caller's scope. */
    Tensor encodeFrames(Tensor frames);

    /** Still pictures likewise; they may have more embeddings than frames. */
    Tensor encodeStills(Tensor stills);

    /** Embeddings {@code [1, n, visual width]} of a picture that shows nothing, what guidance moves away from; made in the caller's scope. */
    Tensor encodeNothing();

    /**
     * Pieces of a sound, as the model takes them, to {@code [1, n, visual width]}, made in the caller's scope.
     *
     * @throws IllegalArgumentException if the encoder does not hear
     */
    default Tensor encodeSounds(Tensor pieces) {
        throw new IllegalArgumentException("this model hears nothing: a sound cannot be given to it");
    }

    @Override
    void close();
}
