package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/** {@code x Wᵀ + b} over the last axis. Thread-safe. */
public final class Linear {
    private final Tensor weight; // [O, C]
    private final Optional<Tensor> bias; // [O]

    private Linear(Tensor weight, Optional<Tensor> bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /** Takes {@code weight [out, in]} and {@code bias [out]}. */
    public static Linear of(Weights weights, long in, long out) {
        return new Linear(weights.take("weight", out, in), Optional.of(weights.take("bias", out)));
    }

    /** Takes a weight {@code [out, in]} and a bias {@code [out]} of these names. */
    public static Linear named(Weights weights, String weight, String bias, long in, long out) {
        return new Linear(weights.take(weight, out, in), Optional.of(weights.take(bias, out)));
    }

    /** Takes {@code weight [out, in]}; there is no bias. */
    public static Linear withoutBias(Weights weights, long in, long out) {
        return new Linear(weights.take("weight", out, in), Optional.empty());
    }

    /** {@link #forward} plus {@code addend [..., O]}. */
    public Tensor forwardAdd(Tensor x, Tensor addend) {
        return x.engine().linearAdd(x, weight, bias, addend);
    }

    /** {@link #forward}, its first half times GELU of its second: {@code [..., C]} to {@code [..., O/2]}. */
    public Tensor forwardGeglu(Tensor x) {
        return x.engine().linearGeglu(x, weight, bias);
    }

    /** Element type of the weights. */
    public DType dtype() {
        return weight.dtype();
    }

    /** {@code [..., C]} to {@code [..., O]}. */
    public Tensor forward(Tensor x) {
        return x.engine().linear(x, weight, bias);
    }
}
