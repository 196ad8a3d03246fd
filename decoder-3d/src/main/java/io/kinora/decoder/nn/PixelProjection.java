package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/** A linear layer on every pixel's channels, stored as one or as a 1×1 convolution: the same numbers either way. Thread-safe. */
final class PixelProjection {
    private final Tensor weight; // [O, C] or [O, C, 1, 1]
    private final Tensor bias; // [O]

    private PixelProjection(Tensor weight, Tensor bias) {
        this.weight = weight;
        this.bias = bias;
    }

    static PixelProjection of(Weights weights, long in, long out, boolean linear) {
        Tensor weight = linear ? weights.take("weight", out, in) : weights.take("weight", out, in, 1, 1);
        return new PixelProjection(weight, weights.take("bias", out));
    }

    /** {@code [N, P, C]} to {@code [N, P, O]}. */
    Tensor forward(Tensor tokens) {
        return tokens.engine().linear(tokens, matrix(), Optional.of(bias));
    }

    /** {@link #forward} plus {@code addend [N, P, O]}. */
    Tensor forwardAdd(Tensor tokens, Tensor addend) {
        return tokens.engine().linearAdd(tokens, matrix(), Optional.of(bias), addend);
    }

    private Tensor matrix() { // [O, C]
        return weight.reshape(weight.dim(0), weight.dim(1));
    }
}
