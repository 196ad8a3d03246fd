package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * What comes out of the last stage. Owned by its receiver, who closes it.
 *
 * @param logits {@code [n, V]} for the rows whose next token was asked for; empty if there were none
 * @param embeddings {@code [n, visual width]} for the rows whose next visual embedding was asked for
 */
public record StageResult(Optional<Tensor> logits, Optional<Tensor> embeddings) implements KryoMessage, AutoCloseable {
    @Override
    public void close() {
        logits.ifPresent(Tensor::close);
        embeddings.ifPresent(Tensor::close);
    }
}
