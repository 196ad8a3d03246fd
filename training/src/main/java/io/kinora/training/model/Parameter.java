package io.kinora.training.model;

import io.kinora.tensor.Tensor;

/**
 * One tensor that a model learns.
 *
 * @param name in the checkpoint
 * @param master its numbers in single precision, which steps of the optimiser add up in
 * @param value what the model computes with: the master, or a copy of it in another type
 */
public record Parameter(String name, Tensor master, Tensor value) {
    /** Whether steps of the optimiser also shrink it: matrices and kernels, not norms, biases and tables of single numbers. */
    public boolean decays() {
        return master.rank() > 1 && !name.endsWith("pos_embed") && !name.endsWith("cls_token");
    }

    /** Writes other numbers into it, as from a file. */
    public void set(Tensor numbers) {
        master.copyFrom(numbers);
        publish();
    }

    /** Brings what the model computes with up to date. */
    public void publish() {
        if (value != master) {
            value.copyFrom(master);
        }
    }
}
