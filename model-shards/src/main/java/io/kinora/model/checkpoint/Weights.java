package io.kinora.model.checkpoint;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * The named tensors of a checkpoint, seen from one place in the module tree: a layer asks for {@code "weight"}, and the view it
 * was given knows that this means {@code "model.layers.3.mlp.up_proj.weight"}.
 *
 * <p>Every tensor is taken once, by exact name and shape. Whoever opened the checkpoint then asks it for what nobody took. The source
 * may be a folder on disk, or a generator that makes random tensors of whatever is asked for: a model's own constructor is the one
 * list of its tensors.
 *
 * <p>Tensors handed out belong to the source and live until it is closed. Not thread-safe.
 */
public interface Weights {
    /** The engine that the tensors live on. */
    Engine engine();

    /** The view of a child module; dots may stand inside: {@code at("layers." + i)}. */
    Weights at(String name);

    /** True if there is a tensor of that name here. A generator says true for what a released checkpoint would have. */
    boolean has(String name);

    /**
     * The tensor of that name.
     *
     * @param shape its sizes, which the stored ones must equal
     * @throws CheckpointException if it is missing, has another shape, or was taken before; the message gives the full name and
     *     both shapes
     */
    Tensor take(String name, long... shape);

    /**
     * The matrix of that name in fewer bits, for its one use: the full one, where it had to be read at all, is freed, and the reduced one
     * belongs to the caller.
     *
     * @param shape {@code [O, C]}
     * @throws CheckpointException as {@link #take}
     */
    default ReducedMatrix reduced(String name, Quantization scheme, long... shape) {
        return ReducedMatrix.of(take(name, shape), scheme);
    }

    /** Marks every tensor under this view that starts with a name as known and not needed, such as stored rotary tables. */
    void ignore(String prefix);

    /**
     * What an adapter adds to the matrix of this module beside its weight; empty where there is no adapter, or it is in the weight
     * already. Its tensors belong to the source, as those of {@link #take} do.
     *
     * @param in channels in
     * @param out channels out
     * @param dtype the type that the module computes in
     * @throws CheckpointException as {@link #take}
     */
    default Optional<LowRankUpdate> lowRank(long in, long out, DType dtype) {
        return Optional.empty();
    }
}
