package io.kinora.decoder.schedule;

import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;

/** Where a stochastic sampler gets its noise from: each call gives the next draw of one generator. */
@FunctionalInterface
public interface NoiseSource {
    /** A tensor of that shape of independent standard normal numbers, {@link io.kinora.tensor.DType#F32}. */
    Tensor normal(Shape shape);

    /** For samplers that draw nothing: a draw is an {@link IllegalStateException}. */
    static NoiseSource none() {
        return shape -> {
            throw new IllegalStateException("this sampler draws noise %s, and none was given to it".formatted(shape));
        };
    }
}
