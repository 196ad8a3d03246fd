package io.kinora.model.checkpoint;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/** What a {@link Weights} view asks, by full names. */
interface TensorSource {
    Engine engine();

    boolean has(String name);

    Tensor take(String name, Shape shape);

    default ReducedMatrix reduced(String name, Quantization scheme, Shape shape) {
        return ReducedMatrix.of(take(name, shape), scheme);
    }

    void ignore(String prefix);

    default Optional<LowRankUpdate> lowRank(String module, long in, long out, DType dtype) {
        return Optional.empty();
    }
}
