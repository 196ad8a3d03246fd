package io.kinora.model.checkpoint;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/** A source seen from one place in the module tree; the root has the empty prefix. */
record WeightsView(TensorSource source, String prefix) implements Weights {
    @Override
    public Engine engine() {
        return source.engine();
    }

    @Override
    public Weights at(String name) {
        return new WeightsView(source, full(name));
    }

    @Override
    public boolean has(String name) {
        return source.has(full(name));
    }

    @Override
    public Tensor take(String name, long... shape) {
        return source.take(full(name), Shape.of(shape));
    }

    @Override
    public ReducedMatrix reduced(String name, Quantization scheme, long... shape) {
        return source.reduced(full(name), scheme, Shape.of(shape));
    }

    @Override
    public void ignore(String prefixOfNames) {
        source.ignore(full(prefixOfNames));
    }

    @Override
    public Optional<LowRankUpdate> lowRank(long in, long out, DType dtype) {
        return source.lowRank(prefix, in, out, dtype);
    }

    private String full(String name) {
        return prefix.isEmpty() ? name : prefix + "." + name;
    }
}
