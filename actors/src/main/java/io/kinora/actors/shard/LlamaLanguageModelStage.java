package io.kinora.actors.shard;

import io.kinora.model.llm.KvCache;
import io.kinora.model.llm.LlamaStage;
import io.kinora.model.llm.StageBatch;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A {@link LlamaStage} with the projections that carry visual embeddings into its rows and out of them. */
public final class LlamaLanguageModelStage implements LanguageModelStage {
    private final LlamaStage stage;
    private final Optional<UnaryOperator<Tensor>> projectUp; // visual width -> D
    private final Optional<UnaryOperator<Tensor>> projectDown; // D -> visual width
    private final Runnable release;

    /**
     * Owns the stage.
     *
     * @param projectUp for a first stage that takes visual embeddings
     * @param projectDown for a last stage that regresses visual embeddings
     * @param release closes the weights, once the stage is closed
     */
    public LlamaLanguageModelStage(
            LlamaStage stage,
            Optional<UnaryOperator<Tensor>> projectUp,
            Optional<UnaryOperator<Tensor>> projectDown,
            Runnable release) {
        this.stage = stage;
        this.projectUp = projectUp;
        this.projectDown = projectDown;
        this.release = release;
    }

    @Override
    public Engine engine() {
        return stage.engine();
    }

    @Override
    public KvCache cache() {
        return stage.cache();
    }

    @Override
    public Tensor forward(StageBatch batch, StageInput input) { // (N) or (N, D) -> (N, D)
        Tensor rows = input instanceof StageInput.Tokens tokens
                ? front(tokens)
                : engine().adopt(((StageInput.Hidden) input).rows());
        return stage.forward(batch, rows);
    }

    private Tensor front(StageInput.Tokens tokens) {
        Tensor rows =
                stage.embed(engine().of(positions(tokens.ids()), tokens.ids().size())); // (N, D)
        for (StageInput.Visual visual : tokens.visuals()) {
            Tensor embeddings = engine().adopt(visual.embeddings()); // (n, visual width)
            UnaryOperator<Tensor> up = projectUp.orElseThrow(
                    () -> new IllegalStateException("this language model takes no visual embeddings"));
            rows.slice(0, visual.row(), visual.row() + embeddings.dim(0)).copyFrom(up.apply(embeddings));
        }
        return rows;
    }

    @Override
    public StageResult outputs(Tensor rows, StageOutputs wanted) {
        try (Scope scope = engine().scope()) {
            return new StageResult(
                    picked(rows, wanted.logitRows()).map(stage::logits).map(scope::detach),
                    picked(rows, wanted.embeddingRows()).map(this::regress).map(scope::detach));
        }
    }

    private Optional<Tensor> picked(Tensor rows, List<Integer> numbers) {
        return numbers.isEmpty()
                ? Optional.empty()
                : Optional.of(engine().gather(rows, engine().of(positions(numbers), numbers.size())));
    }

    private Tensor regress(Tensor rows) { // (n, D) -> (n, visual width)
        return projectDown
                .orElseThrow(() -> new IllegalStateException("this language model regresses no embeddings"))
                .apply(rows);
    }

    private static long[] positions(List<Integer> numbers) {
        return numbers.stream().mapToLong(Integer::longValue).toArray();
    }

    @Override
    public void close() {
        stage.close();
        release.run();
    }
}
