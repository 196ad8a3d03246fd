package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import io.kinora.tensor.Tensor;
import java.util.List;

/** The rows of a step as a stage takes them. Owned by the stage that receives it, which closes it. */
public sealed interface StageInput extends KryoMessage, AutoCloseable {
    /**
     * For the first stage: token ids, with visual embeddings in place of some of them.
     *
     * @param ids one a row
     * @param visuals in ascending order of rows, not overlapping
     */
    record Tokens(List<Integer> ids, List<Visual> visuals) implements StageInput {
        /** Takes copies. */
        public Tokens {
            ids = List.copyOf(ids);
            visuals = List.copyOf(visuals);
        }

        @Override
        public void close() {
            visuals.forEach(visual -> visual.embeddings().close());
        }
    }

    /** For the other stages: hidden states {@code [rows, D]}. */
    record Hidden(Tensor rows) implements StageInput {
        @Override
        public void close() {
            rows.close();
        }
    }

    /**
     * Visual embeddings {@code [n, visual width]} that stand in rows {@code row} to {@code row + n - 1}.
     *
     * @param row the first row
     */
    record Visual(int row, Tensor embeddings) implements KryoMessage {}

    @Override
    void close();
}
