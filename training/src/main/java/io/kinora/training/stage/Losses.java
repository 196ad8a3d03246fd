package io.kinora.training.stage;

import io.kinora.tensor.Tensor;

/** Sums of errors. */
final class Losses {
    private Losses() {}

    /** Mean of all elements, a tensor of one element. */
    static Tensor mean(Tensor tensor) {
        return tensor.reshape(-1).mean(0);
    }

    /** Mean of the squares of a difference. */
    static Tensor squared(Tensor found, Tensor wanted) {
        Tensor difference = found.sub(wanted);
        return mean(difference.mul(difference));
    }
}
