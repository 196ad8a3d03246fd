package io.kinora.training.stage;

import io.kinora.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a stage of training makes smaller.
 *
 * <p>A batch is prepared from its number alone, on any thread, ahead of time; its loss is computed on the training thread, inside a recording.
 *
 * @param <B> what a batch is
 */
public interface Objective<B> {
    /** The batch of a number, without any computation on the engine. */
    B prepare(long number);

    /** The loss of a batch. */
    Loss loss(B batch);

    /**
     * A loss and what is reported of it.
     *
     * @param total a tensor of one element, which is differentiated
     * @param parts numbers by name, in the order in which they are shown; tensors of one element
     */
    record Loss(Tensor total, Map<String, Tensor> parts) {
        /** Copies the map. */
        public Loss {
            parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
        }
    }
}
