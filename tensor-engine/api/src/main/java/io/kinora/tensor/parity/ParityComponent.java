package io.kinora.tensor.parity;

import io.kinora.tensor.Engine;

/**
 * Runs the parity cases of one component. Implementations are found by {@link java.util.ServiceLoader}: public, with a public
 * constructor without parameters.
 */
public interface ParityComponent {
    /** The name that {@code case.json} gives under {@code component}. */
    String name();

    /**
     * Computes the outputs from the case's checkpoint and inputs, in single precision. Outputs that the implementation has no
     * name for are left out. Whatever it throws fails the case.
     *
     * @param engine computes the tensors; a scope on it is open
     */
    void run(ParityCase parityCase, Engine engine, ParityOutputs outputs);
}
