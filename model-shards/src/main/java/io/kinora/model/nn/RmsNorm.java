package io.kinora.model.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Tensor;

/** x / sqrt(mean(x²) + eps) · weight over the last axis (Zhang and Sennrich, 2019), as LLaMA rounds it. Immutable and thread-safe. */
public final class RmsNorm {
    private final Tensor weight; // (D)
    private final double eps;

    /** Takes {@code weight [D]}. */
    public RmsNorm(Weights weights, long width, double eps) {
        this.weight = weights.take("weight", width);
        this.eps = eps;
    }

    /** Type of its weight, which is the type its model computes in. */
    public DType dtype() {
        return weight.dtype();
    }

    /** {@code [..., D]} to {@code [..., D]}. */
    public Tensor forward(Tensor x) {
        return x.engine().rmsNorm(x, weight, eps);
    }
}
