package io.kinora.tensor.conformance;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/** How the elements of a tensor lie in memory; an operation's result must not depend on it. */
enum Layout {
    /** Row-major. */
    CONTIGUOUS {
        @Override
        Tensor of(Tensor tensor, Engine engine) {
            return tensor;
        }
    },

    /** Column-major: the first axis is the innermost. */
    REVERSED {
        @Override
        Tensor of(Tensor tensor, Engine engine) {
            int rank = tensor.rank();
            int[] reversed =
                    IntStream.range(0, rank).map(axis -> rank - 1 - axis).toArray();
            return tensor.permute(reversed).contiguous().permute(reversed);
        }
    },

    /** Every third element of its memory, beginning with the second. */
    INTERLEAVED {
        @Override
        Tensor of(Tensor tensor, Engine engine) {
            Tensor other = engine.full(1, tensor.dtype(), tensor.shape().toArray());
            return engine.stack(List.of(other, tensor, other), -1).select(-1, 1);
        }
    },

    /** The inner part of a tensor that is larger along the first and the last axis. */
    ENCLOSED {
        @Override
        Tensor of(Tensor tensor, Engine engine) {
            Tensor enclosed = tensor;
            for (int axis = 0; axis < tensor.rank(); axis += Math.max(1, tensor.rank() - 1)) {
                long[] border = enclosed.shape().toArray();
                border[axis] = 2;
                Tensor around = engine.full(1, tensor.dtype(), border);
                enclosed = engine.cat(List.of(around, enclosed, around), axis);
            }
            for (int axis = 0; axis < tensor.rank(); axis += Math.max(1, tensor.rank() - 1)) {
                enclosed = enclosed.slice(axis, 2, 2 + tensor.dim(axis));
            }
            return enclosed;
        }
    };

    abstract Tensor of(Tensor tensor, Engine engine);
}
