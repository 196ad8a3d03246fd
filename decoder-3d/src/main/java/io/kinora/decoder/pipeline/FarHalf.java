package io.kinora.decoder.pipeline;

import io.kinora.tensor.Tensor;
import java.util.concurrent.CompletionStage;

/**
 * A prediction of the network that is computed elsewhere: one half of guidance, say by an {@link UnconditionalHalf} while this device computes
 * the other half.
 */
@FunctionalInterface
public interface FarHalf extends AutoCloseable {
    /**
     * Asks for the prediction at a step.
     *
     * @param sample {@code [B, C, ...]}, the network's input; the caller's, and alive until the answer was read
     * @param step index among the evaluations of the sampler, first 0
     * @return {@code [B, C, ...]}, of any engine; the one who answers owns it, and keeps it until it is asked again
     */
    CompletionStage<Tensor> predict(Tensor sample, int step);

    /** Frees what it holds; there is nothing to free unless it says so. */
    @Override
    default void close() {}
}
