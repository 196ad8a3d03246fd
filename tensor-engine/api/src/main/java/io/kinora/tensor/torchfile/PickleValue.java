package io.kinora.tensor.torchfile;

import io.kinora.tensor.DType;
import java.util.List;
import java.util.Optional;

/**
 * Values of a pickle for which Java has no class of its own. Strings, longs, doubles, booleans, lists (also for sets) and
 * maps are Java's.
 */
sealed interface PickleValue {
    /** {@code None}, and plain values nobody asks for: devices, bytes. */
    enum Plain implements PickleValue {
        NONE,
        BYTES,
        DEVICE
    }

    /** A tuple, or a {@code torch.Size}. Equal to itself only: hashing nested ones as keys could take for ever. */
    final class Tuple implements PickleValue {
        private final List<Object> items;

        Tuple(List<Object> items) {
            this.items = items;
        }

        List<Object> items() {
            return items;
        }
    }

    /** A storage: the entry {@code data/KEY} of the archive; without a type where its tensors bring theirs. */
    record Storage(Optional<DType> dtype, String key, long bytes) implements PickleValue {}
}
