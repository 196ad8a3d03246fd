package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import java.util.List;

/**
 * What the last stage is to make of a step's rows.
 *
 * @param logitRows rows whose next token is to be predicted
 * @param embeddingRows rows whose next visual embedding is to be regressed
 */
public record StageOutputs(List<Integer> logitRows, List<Integer> embeddingRows) implements KryoMessage {
    /** Takes copies. */
    public StageOutputs {
        logitRows = List.copyOf(logitRows);
        embeddingRows = List.copyOf(embeddingRows);
    }
}
