package io.kinora.model.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Tensor;

/** (x − mean) / sqrt(variance + eps) · weight + bias over the last axis, with the population variance. Immutable and thread-safe. */
public final class LayerNorm {
    private final Tensor weight; // (D)
    private final Tensor bias; // (D)
    private final double eps;

    /** Takes {@code weight [D]} and {@code bias [D]}. */
    public LayerNorm(Weights weights, long width, double eps) {
        this.weight = weights.take("weight", width);
        this.bias = weights.take("bias", width);
        this.eps = eps;
    }

    /** {@code [..., D]} to {@code [..., D]}. */
    public Tensor forward(Tensor x) {
        return x.engine().layerNorm(x, weight, bias, eps);
    }
}
