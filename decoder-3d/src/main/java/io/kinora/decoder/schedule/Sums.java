package io.kinora.decoder.schedule;

import io.kinora.tensor.Tensor;

/** Weighted sums of tensors of one shape, always in memory of their own. */
final class Sums {
    private Sums() {}

    static Tensor weighted(Tensor first, double firstWeight, Tensor second, double secondWeight) {
        return plus(first.mul(firstWeight), second, secondWeight);
    }

    /** Adds to a sum that nobody else sees yet. */
    static Tensor plus(Tensor sum, Tensor term, double weight) {
        return weight == 0 ? sum : sum.addInPlace(term.mul(weight));
    }

    static Tensor copy(Tensor tensor) {
        return tensor.mul(1);
    }
}
