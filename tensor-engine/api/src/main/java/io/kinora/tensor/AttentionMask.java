package io.kinora.tensor;

import java.util.Objects;

/** Which keys a query may attend to. */
public sealed interface AttentionMask {
    /** Every key. */
    AttentionMask NONE = new None();

    /** Query t of T sees keys up to {@code S - T + t}: causal, with the queries at the end of the keys. */
    AttentionMask CAUSAL = new Causal();

    /** Every key is seen. */
    record None() implements AttentionMask {}

    /** Only keys at or before the query's own position, the queries being the last T of the S keys. */
    record Causal() implements AttentionMask {}

    /** Added to the scores before the softmax: float {@code [B or 1, H or 1, T, S]}, {@code -inf} where a key is hidden. */
    record Bias(Tensor scores) implements AttentionMask {
        /** Checks that there is a tensor. */
        public Bias {
            Objects.requireNonNull(scores);
        }
    }
}
