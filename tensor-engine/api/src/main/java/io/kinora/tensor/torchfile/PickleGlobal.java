package io.kinora.tensor.torchfile;

import io.kinora.tensor.DType;
import java.util.Optional;

/** A global that a pickle may name; {@link PickleAllowList} has them all. */
sealed interface PickleGlobal {
    /** What may be called, and is imitated by {@link PickleCalls}. */
    enum Function implements PickleGlobal {
        ORDERED_DICT,
        REBUILD_TENSOR_V2,
        REBUILD_TENSOR_V3,
        REBUILD_PARAMETER,
        REBUILD_PARAMETER_WITH_STATE,
        SIZE,
        DEVICE,
        ENCODE,
        SET
    }

    /** The class of a storage; without a type for the untyped one, whose tensors bring theirs. */
    record StorageType(Optional<DType> dtype) implements PickleGlobal {}

    /** A {@code torch.dtype}; without a type where {@link DType} has none for it. */
    record Dtype(String name, Optional<DType> dtype) implements PickleGlobal {}
}
