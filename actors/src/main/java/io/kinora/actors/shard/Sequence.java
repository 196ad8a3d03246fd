package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A request on its way: all its rows so far, how many of them the stages have computed, and what it generates. Knows enough to be computed
 * again from the start at any time. Confined to the language model's thread.
 */
final class Sequence implements AutoCloseable, Generation.Listener {
    private final long id;
    private final LanguageModelRequest request;
    private final Generation generation;
    private final ActorRef<LanguageModel.Event> listener;
    private final List<Integer> ids;
    private final List<StageInput.Visual> visuals;
    private final Instant arrived;
    private Optional<Instant> firstStep = Optional.empty();
    private Optional<Instant> firstResult = Optional.empty();
    private Instant now;
    private long lastStep;
    private int computed;
    private int reused;
    private boolean ended;

    Sequence(
            long id,
            LanguageModelRequest request,
            Generation generation,
            ActorRef<LanguageModel.Event> listener,
            Instant arrived) {
        this.id = id;
        this.request = request;
        this.generation = generation;
        this.listener = listener;
        this.ids = new ArrayList<>(request.ids());
        this.visuals = new ArrayList<>(request.visuals());
        this.arrived = arrived;
        this.now = arrived;
    }

    long id() {
        return id;
    }

    LanguageModelRequest request() {
        return request;
    }

    int mostNewRows() {
        return generation.mostNewRows();
    }

    int expectedLength() {
        return request.ids().size() + generation.mostNewRows();
    }

    /** Rows that the stages hold. */
    int computed() {
        return computed;
    }

    /** Rows that the stages do not hold yet; at least one while the sequence goes on. */
    int pending() {
        return ids.size() - computed;
    }

    boolean isEnded() {
        return ended;
    }

    boolean wantsEmbedding() {
        return generation.wantsEmbedding();
    }

    /** Its first rows are in the stages' caches already. */
    void startBehind(int rows) {
        computed = rows;
        reused = rows;
    }

    /** The stages have lost it. */
    void computeAgain() {
        computed = 0;
    }

    /** Number of the last step it took part in. */
    long lastStep() {
        return lastStep;
    }

    void stepStarts(long step, Instant at) {
        lastStep = step;
        if (firstStep.isEmpty()) {
            firstStep = Optional.of(at);
        }
    }

    /** The ids of its next rows. */
    List<Integer> idsOf(int rows) {
        return ids.subList(computed, computed + rows);
    }

    /** The embeddings among its next rows, as copies that belong to the caller, with the first of the rows standing at {@code base}. */
    List<StageInput.Visual> visualsOf(int rows, int base) {
        List<StageInput.Visual> slices = new ArrayList<>();
        for (StageInput.Visual visual : visuals) {
            int start = Math.max(visual.row(), computed);
            int end = Math.min(visual.row() + (int) visual.embeddings().dim(0), computed + rows);
            if (start < end) {
                slices.add(new StageInput.Visual(base + start - computed, copy(visual, start, end)));
            }
        }
        return slices;
    }

    private static Tensor copy(StageInput.Visual visual, int start, int end) {
        Tensor embeddings = visual.embeddings();
        try (Scope scope = embeddings.engine().scope()) {
            Tensor slice = embeddings.slice(0, start - visual.row(), end - visual.row());
            Tensor copy = embeddings.engine().zeros(slice.dtype(), slice.shape().toArray());
            return scope.detach(copy.copyFrom(slice));
        }
    }

    /** The stages have computed its next rows, with no result yet. */
    void advance(int rows) {
        computed += rows;
    }

    /** The stages have computed all its rows; {@code output}, {@code [1, …]}, is what comes next. */
    void accept(Tensor output, Instant at) {
        now = at;
        if (firstResult.isEmpty()) {
            firstResult = Optional.of(at);
        }
        Optional<Generation.Row> next = generation.accept(output, this);
        if (next.isEmpty()) {
            ended = true;
            generation.end(this);
        } else if (next.get() instanceof Generation.Row.Token token) {
            ids.add(token.id());
        } else if (next.get() instanceof Generation.Row.Embedding row) {
            visuals.add(new StageInput.Visual(ids.size(), row.embedding()));
            ids.add(0); // the row's embedding stands in its place
        }
    }

    void cancel(Instant at) {
        now = at;
        if (wantsEmbedding()) {
            refuse(LanguageModel.Refusal.CANCELLED, "it was cancelled");
        } else {
            generation.end(this);
        }
    }

    void refuse(LanguageModel.Refusal refusal, String reason) {
        listener.tell(new LanguageModel.Refused(request.id(), refusal, reason));
    }

    @Override
    public void token(int index, int token, String text, double logProbability) {
        listener.tell(new LanguageModel.TokenGenerated(request.id(), index, token, text, logProbability));
    }

    @Override
    public void text(String text, List<Integer> tokens, TextEnd reason) {
        listener.tell(new LanguageModel.Ended(request.id(), text, tokens, reason, cost()));
    }

    @Override
    public void embeddings(Tensor embeddings) {
        listener.tell(new LanguageModel.EmbeddingsGenerated(request.id(), embeddings, cost()));
    }

    private GenerationCost cost() {
        Instant started = firstStep.orElse(now);
        Instant result = firstResult.orElse(now);
        return new GenerationCost(
                request.ids().size(),
                reused,
                Duration.between(arrived, started),
                Duration.between(started, result),
                Duration.between(result, now));
    }

    @Override
    public void close() {
        visuals.forEach(visual -> visual.embeddings().close());
        visuals.clear();
        generation.close();
    }
}
