package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Tensor;

/** Layer normalisation over the last axis. Thread-safe. */
public final class LayerNorm {
    private final Tensor weight; // [C]
    private final Tensor bias; // [C]
    private final double eps;

    /** Takes {@code weight [width]} and {@code bias [width]}. */
    public LayerNorm(Weights weights, long width, double eps) {
        this.weight = weights.take("weight", width);
        this.bias = weights.take("bias", width);
        this.eps = eps;
    }

    /** {@code [..., C]} to the same. */
    public Tensor forward(Tensor x) {
        return x.engine().layerNorm(x, weight, bias, eps);
    }
}
