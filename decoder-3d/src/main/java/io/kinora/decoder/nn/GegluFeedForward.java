package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/**
 * Widen to 4 C with a GELU gate, and back: the value half comes first. Official class: diffusers {@code FeedForward} with
 * {@code geglu}. Thread-safe.
 */
public final class GegluFeedForward {
    private final Linear widen; // C -> 8·C
    private final Linear narrow; // 4·C -> C

    /** Takes {@code net.0.proj} and {@code net.2}. */
    public GegluFeedForward(Weights weights, long width) {
        this.widen = Linear.of(weights.at("net.0.proj"), width, 8 * width);
        this.narrow = Linear.of(weights.at("net.2"), 4 * width, width);
    }

    /** {@code [rows, C]} to the same. */
    public Tensor forward(Tensor x) {
        try (Scope scope = x.engine().scope()) {
            Tensor gated = widen.forwardGeglu(x); // [rows, 4·C]
            return scope.keep(narrow.forward(gated));
        }
    }
}
