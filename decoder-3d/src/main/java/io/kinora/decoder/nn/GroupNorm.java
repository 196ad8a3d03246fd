package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Tensor;

/** Group normalisation with a scale and a shift per channel. Thread-safe. */
public final class GroupNorm {
    private final Tensor weight; // [C]
    private final Tensor bias; // [C]
    private final int groups;
    private final double eps;

    /** Takes {@code weight [channels]} and {@code bias [channels]}. */
    public GroupNorm(Weights weights, long channels, int groups, double eps) {
        if (groups < 1 || channels % groups != 0) {
            throw new IllegalArgumentException(
                    "%d channels do not divide into %d groups of a norm".formatted(channels, groups));
        }
        this.weight = weights.take("weight", channels);
        this.bias = weights.take("bias", channels);
        this.groups = groups;
        this.eps = eps;
    }

    /** Statistics over one sample and the channels of one group: {@code [B, C, ...]} to the same. */
    public Tensor forward(Tensor x) {
        return x.engine().groupNorm(x, groups, weight, bias, eps);
    }

    /** {@link #forward} followed by SiLU. */
    public Tensor forwardSilu(Tensor x) {
        return x.engine().groupNormSilu(x, groups, weight, bias, eps);
    }
}
