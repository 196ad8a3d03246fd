package io.kinora.model.checkpoint;

import io.kinora.tensor.DType;
import java.util.Objects;
import java.util.Optional;

/**
 * How a checkpoint is opened.
 *
 * @param variant which of several released precisions, as {@code fp16} in {@code model.fp16.safetensors}; empty takes the files without
 *     a variant, or the only variant there is
 * @param computeType what floating-point tensors are converted to when taken; empty keeps them as stored
 * @param naming from stored names to the model's
 * @param keepReduced whether matrices in fewer bits are kept beside the checkpoint, so that the next load need not make them again
 */
public record CheckpointOptions(
        Optional<String> variant, Optional<DType> computeType, Naming naming, boolean keepReduced) {
    /** The files without a variant, types and names as stored. */
    public static final CheckpointOptions DEFAULT =
            new CheckpointOptions(Optional.empty(), Optional.empty(), Naming.asStored(), false);

    /** Checks that the type is one an engine computes in. */
    public CheckpointOptions {
        Objects.requireNonNull(variant);
        Objects.requireNonNull(naming);
        computeType.ifPresent(type -> {
            if (!type.isFloat() || type.bytes() == 1) {
                throw new IllegalArgumentException("no engine computes in " + type);
            }
        });
    }

    /** These options with another variant. */
    public CheckpointOptions withVariant(String name) {
        return new CheckpointOptions(Optional.of(name), computeType, naming, keepReduced);
    }

    /** These options with floating-point tensors converted. */
    public CheckpointOptions withComputeType(DType type) {
        return new CheckpointOptions(variant, Optional.of(type), naming, keepReduced);
    }

    /** These options with another naming. */
    public CheckpointOptions withNaming(Naming other) {
        return new CheckpointOptions(variant, computeType, other, keepReduced);
    }

    /** These options with matrices in fewer bits kept beside the checkpoint. */
    public CheckpointOptions withReducedKept() {
        return new CheckpointOptions(variant, computeType, naming, true);
    }
}
