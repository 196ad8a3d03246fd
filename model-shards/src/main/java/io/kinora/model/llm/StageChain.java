package io.kinora.model.llm;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The stages of a model one after another in this process: what the actors do with messages, done with calls.
 *
 * <p>Confined to one thread. Closing closes the stages.
 */
public final class StageChain implements AutoCloseable {
    private final List<LlamaStage> stages;

    /**
     * Of stages that follow each other from the first layer to the last.
     *
     * @throws IllegalArgumentException if a layer is missing or doubled, or the ends hold no embedding or head
     */
    public StageChain(List<LlamaStage> stages) {
        this.stages = List.copyOf(stages);
        int layer = 0;
        for (LlamaStage stage : stages) {
            if (stage.parts().layers().from() != layer) {
                throw new IllegalArgumentException("a stage that begins with layer %d is missing, got %s"
                        .formatted(layer, stage.parts().layers()));
            }
            layer = stage.parts().layers().to();
        }
        if (stages.isEmpty()
                || layer != config().layers()
                || !first().parts().embedding()
                || !last().parts().head()) {
            throw new IllegalArgumentException("the stages do not make a whole model: "
                    + stages.stream().map(LlamaStage::parts).toList());
        }
    }

    /** Sizes of the model. */
    public LlamaConfig config() {
        return stages.get(0).config();
    }

    /** The stages, in order. */
    public List<LlamaStage> stages() {
        return stages;
    }

    /** Embeds tokens {@code [N]} to {@code [N, D]} on the first stage's device. */
    public Tensor embed(Tensor ids) {
        return first().embed(ids);
    }

    /** Runs all layers on packed rows {@code [N, D]}; the final norm is applied. Errors as {@link LlamaStage#forward}. */
    public Tensor forward(StageBatch batch, Tensor rows) {
        return forward(batch, rows, batch.positions());
    }

    /** Likewise, with the rotary positions of the rows given; see {@link LlamaStage#forward(StageBatch, Tensor, long...)}. */
    public Tensor forward(StageBatch batch, Tensor rows, long... positions) {
        Tensor x = rows;
        for (LlamaStage stage : stages) {
            Tensor here = stage.engine().adopt(x);
            Tensor next = stage.forward(batch, here, positions);
            // Stages may be on several engines, whose scopes know nothing of each other.
            if (here != rows) {
                here.close();
            }
            if (x != rows) {
                x.close();
            }
            x = next;
        }
        return x;
    }

    /**
     * Runs a prompt {@code [T, D]} as a new sequence, in chunks, and gives the last row out of the last stage, {@code [1, D]}. Errors as
     * {@link LlamaStage#forward}; the caller frees the sequence also then.
     *
     * @param chunkRows most rows that are run at once
     */
    public Tensor prefill(long sequence, Tensor prompt, int chunkRows) {
        int length = (int) prompt.dim(0);
        if (length < 1 || chunkRows < 1) {
            throw new IllegalArgumentException(
                    "a prompt and a chunk have at least one row, got %d and %d".formatted(length, chunkRows));
        }
        if (length > config().maxPositions()) {
            throw new ContextLengthException(length, config().maxPositions());
        }
        int from = 0;
        while (length - from > chunkRows) {
            chunk(sequence, prompt, from, from + chunkRows).close();
            from += chunkRows;
        }
        try (Tensor rows = chunk(sequence, prompt, from, length)) {
            return rows.slice(0, rows.dim(0) - 1, rows.dim(0));
        }
    }

    private Tensor chunk(long sequence, Tensor prompt, int from, int to) {
        try (Tensor rows = prompt.slice(0, from, to)) {
            return forward(StageBatch.of(sequence, from, to - from), rows);
        }
    }

    /** Scores of the vocabulary behind rows {@code [N, D]} out of {@link #forward}, as F32 {@code [N, V]}. */
    public Tensor logits(Tensor rows) {
        return last().logits(rows);
    }

    /** The engine of the first stage, which rows are given to. */
    public Engine engine() {
        return first().engine();
    }

    /** In every stage: a new sequence that begins with {@code length} positions of another. */
    public void fork(long parent, long child, int length, int expectedLength) {
        List<LlamaStage> forked = new ArrayList<>();
        try {
            for (LlamaStage stage : stages) {
                stage.cache().fork(parent, child, length, expectedLength);
                forked.add(stage);
            }
        } catch (RuntimeException e) {
            forked.forEach(stage -> stage.cache().free(child));
            throw e;
        }
    }

    /** In every stage: makes a sequence known with the length it is expected to reach. */
    public void open(long sequence, int expectedLength) {
        stages.forEach(stage -> stage.cache().open(sequence, expectedLength));
    }

    /** In every stage: forgets a sequence. */
    public void free(long sequence) {
        stages.forEach(stage -> stage.cache().free(sequence));
    }

    private LlamaStage first() {
        return stages.get(0);
    }

    private LlamaStage last() {
        return stages.get(stages.size() - 1);
    }

    @Override
    public void close() {
        stages.forEach(LlamaStage::close);
    }
}
