package io.kinora.model.nn;

import io.kinora.model.checkpoint.LowRankUpdate;
import io.kinora.model.checkpoint.ReducedMatrix;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The affine map y = x Wᵀ + b, with the matrix as stored or in fewer bits: every matrix product with a weight goes through here, so
 * that quantisation at load is one decision in one place. So is a low-rank adapter that the weights bring along.
 *
 * <p>Letters: C channels in, O channels out. Immutable and thread-safe. Closing frees what this layer made itself (a quantised
 * matrix, a bias it put together); tensors taken from {@link Weights} belong to their source.
 */
public final class LinearLayer implements AutoCloseable {
    private final Matrix weight; // (O, C)
    private final Optional<Tensor> bias; // (O)
    private final Optional<LowRankUpdate> adapter;

    private LinearLayer(Matrix weight, Optional<Tensor> bias, Optional<LowRankUpdate> adapter) {
        this.weight = weight;
        this.bias = bias;
        this.adapter = adapter;
    }

    /** Takes {@code weight [O, C]} and {@code bias [O]}. */
    public static LinearLayer withBias(Weights weights, long in, long out, Optional<Quantization> quantization) {
        return take(weights, "weight", in, out, quantization, () -> Optional.of(weights.take("bias", out)));
    }

    /** Takes {@code weight [O, C]}. */
    public static LinearLayer withoutBias(Weights weights, long in, long out, Optional<Quantization> quantization) {
        return take(weights, "weight", in, out, quantization, Optional::empty);
    }

    /** Takes a matrix {@code [O, C]} of that name; the bias {@code [O]} is one that the caller has taken, or made and closes. */
    public static LinearLayer of(
            Weights weights, String name, Tensor bias, long in, long out, Optional<Quantization> quantization) {
        return take(weights, name, in, out, quantization, () -> Optional.of(bias));
    }

    /** Over tensors that the caller has taken. */
    public static LinearLayer of(Tensor weight, Optional<Tensor> bias) {
        return new LinearLayer(new Full(weight), bias, Optional.empty());
    }

    private static LinearLayer take(
            Weights weights,
            String name,
            long in,
            long out,
            Optional<Quantization> quantization,
            Supplier<Optional<Tensor>> bias) {
        if (quantization.isPresent()) {
            ReducedMatrix reduced = weights.reduced(name, quantization.get(), out, in);
            return new LinearLayer(
                    new Reduced(reduced.weight()), bias.get(), weights.lowRank(in, out, reduced.dtype()));
        }
        Tensor weight = weights.take(name, out, in);
        return new LinearLayer(new Full(weight), bias.get(), weights.lowRank(in, out, weight.dtype()));
    }

    /** {@code [..., C]} to {@code [..., O]}, in the type of {@code x}. */
    public Tensor forward(Tensor x) {
        if (adapter.isEmpty()) {
            return weight.times(x, bias);
        }
        LowRankUpdate update = adapter.get();
        Engine engine = x.engine();
        try (Scope scope = engine.scope()) {
            Tensor narrow = engine.linear(x, update.down(), Optional.empty()).mul(update.scale()); // (..., r)
            Tensor added = engine.linear(narrow, update.up(), Optional.empty()); // (..., O)
            return scope.keep(weight.times(x, bias).add(added));
        }
    }

    /** Bytes of matrix and bias. */
    public long bytes() {
        return weight.bytes()
                + bias.map(b -> b.shape().elements() * b.dtype().bytes()).orElse(0L);
    }

    @Override
    public void close() {
        weight.close();
    }

    private sealed interface Matrix extends AutoCloseable {
        Tensor times(Tensor x, Optional<Tensor> bias);

        long bytes();

        @Override
        void close();
    }

    private record Full(Tensor weight) implements Matrix {
        @Override
        public Tensor times(Tensor x, Optional<Tensor> bias) {
            return x.engine().linear(x, weight, bias);
        }

        @Override
        public long bytes() {
            return weight.shape().elements() * weight.dtype().bytes();
        }

        @Override
        public void close() {
            // Belongs to the checkpoint it was taken from.
        }
    }

    private record Reduced(QuantizedWeight weight) implements Matrix {
        @Override
        public Tensor times(Tensor x, Optional<Tensor> bias) {
            return x.engine().linear(x, weight, bias);
        }

        @Override
        public long bytes() {
            return weight.bytes();
        }

        @Override
        public void close() {
            weight.close();
        }
    }
}
