package io.kinora.training.data;

import io.kinora.tensor.Tensor;

/** Sees what is shown along with an instruction. */
@FunctionalInterface
public interface MediaEmbedder {
    /** The embedding of a picture or clip, {@code [1, E]}. */
    Tensor embed(InstructionPair.Shown shown);
}
