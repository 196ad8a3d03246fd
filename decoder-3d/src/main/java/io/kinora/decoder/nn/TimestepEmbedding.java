package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/**
 * Two linear layers with SiLU between them, on sinusoids of time (or of sizes). No activation follows: each ResNet applies its own.
 * Official class: diffusers {@code TimestepEmbedding}. Thread-safe.
 */
public final class TimestepEmbedding {
    private final Linear linear1; // C -> D
    private final Linear linear2; // D -> D

    /** Takes {@code linear_1} and {@code linear_2}. */
    public TimestepEmbedding(Weights weights, long in, long width) {
        this.linear1 = Linear.of(weights.at("linear_1"), in, width);
        this.linear2 = Linear.of(weights.at("linear_2"), width, width);
    }

    /** Element type of the weights, and of the result. */
    public DType dtype() {
        return linear1.dtype();
    }

    /** {@code [rows, C]}, of any type, to {@code [rows, D]}. */
    public Tensor forward(Tensor sinusoids) {
        try (Scope scope = sinusoids.engine().scope()) {
            return scope.keep(
                    linear2.forward(linear1.forward(sinusoids.to(dtype())).silu()));
        }
    }
}
