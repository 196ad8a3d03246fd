package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A request on its way: the sequences it is computed as, how much of them the stages have computed, and what it generates. Knows enough to be computed
 * again from the start at any time. Confined to the language model's thread.
 */
final class Sequence implements AutoCloseable, Generation.Listener {
    private final long id;
    private final LanguageModelRequest request;
    private final Generation generation;
    private final ActorRef<LanguageModel.Event> listener;
    private final StageCaches caches;
    private final ServingMetrics metrics;
    private final List<StageInput.Visual> visuals;
    private final Instant arrived;
    private List<Branch> branches;
    private Optional<Instant> firstStep = Optional.empty();
    private Optional<Instant> firstResult = Optional.empty();
    private Instant now;
    private long lastStep;
    private int reused;
    private int generated;
    private boolean ended;

    Sequence(
            LanguageModelRequest request,
            Generation generation,
            ActorRef<LanguageModel.Event> listener,
            StageCaches caches,
            ServingMetrics metrics,
            Instant arrived) {
        this.id = caches.newSequence();
        this.request = request;
        this.generation = generation;
        this.listener = listener;
        this.caches = caches;
        this.metrics = metrics;
        this.visuals = new ArrayList<>(request.visuals());
        this.branches = List.of(Branch.of(id, request.ids()));
        this.arrived = arrived;
        this.now = arrived;
    }

    /** Its place in the order of arrival. */
    long id() {
        return id;
    }

    LanguageModelRequest request() {
        return request;
    }

    /** The sequences it is computed as now. */
    List<Branch> branches() {
        return branches;
    }

    /** Sequences that decode side by side at most. */
    int places() {
        return generation.places();
    }

    int mostNewRows() {
        return generation.mostNewRows();
    }

    /** Rows of one of its sequences at most. */
    int expectedLength() {
        return request.ids().size() + generation.mostNewRows();
    }

    /** Rows of all its sequences at most, the prompt counted once. */
    long expectedRows() {
        return request.ids().size() + (long) places() * generation.mostNewRows();
    }

    boolean isEnded() {
        return ended;
    }

    boolean wantsEmbedding() {
        return generation.wantsEmbedding();
    }

    /** Its prompt's first rows are in the stages' caches, under this number. */
    void startBehind(long kept, int rows) {
        for (Branch branch : branches) {
            caches.fork(kept, branch.id(), rows, expectedLength());
            branch.startBehind(rows);
        }
        reused = rows;
    }

    /** The stages need it no more. */
    void forget() {
        caches.free(branches.stream().map(Branch::id).toList());
    }

    /** The stages have lost it, or are to forget it until there is room again. */
    void computeAgain() {
        forget();
        branches.forEach(branch -> branch.startBehind(0));
    }

    /** True once the stages hold any of its rows. */
    boolean isBegun() {
        return branches.stream().anyMatch(branch -> branch.computed() > 0);
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

    /** The embeddings among a branch's next rows, as copies that belong to the caller, with the first of the rows standing at {@code base}. */
    List<StageInput.Visual> visualsOf(Branch branch, int rows, int base) {
        List<StageInput.Visual> slices = new ArrayList<>();
        int computed = branch.computed();
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

    /** What the stages made of a branch's next row whose result is wanted, {@code [1, …]}. */
    void accept(Branch branch, Tensor output, Instant at) {
        now = at;
        if (firstResult.isEmpty()) {
            firstResult = Optional.of(at);
            request.prefix().ifPresent(prefix -> metrics.prefixAsked(prefix.rows(), reused > 0));
            metrics.firstResult(Duration.between(arrived, firstStep.orElse(at)), Duration.between(arrived, at));
        }
        branch.resultTaken();
        Generation.Next next = generation.accept(branches.indexOf(branch), output, this);
        if (next instanceof Generation.Next.End) {
            ended = true;
            generation.end(this);
        } else if (next instanceof Generation.Next.Moves moves) {
            follow(moves.moves());
        }
    }

    /** A parent's first move goes on in its place, further ones fork it; what no move continues is forgotten. */
    private void follow(List<Generation.Move> moves) {
        Set<Integer> continued = new HashSet<>();
        List<Branch> next = new ArrayList<>();
        for (int i = moves.size() - 1; i >= 0; i--) {
            int number = moves.get(i).parent();
            boolean isFirst = moves.subList(0, i).stream().noneMatch(other -> other.parent() == number);
            Branch parent = branches.get(number);
            continued.add(number);
            // Forks are made before their parent grows: moves are followed from the last to the first.
            Branch branch = isFirst ? parent : forked(parent);
            moves.get(i).rows().forEach(row -> append(branch, row));
            next.add(0, branch);
        }
        List<Branch> before = branches;
        branches = List.copyOf(next);
        caches.free(before.stream()
                .filter(branch -> !continued.contains(before.indexOf(branch)))
                .map(Branch::id)
                .toList());
    }

    private Branch forked(Branch parent) {
        Branch fork = parent.fork(caches.newSequence());
        caches.fork(parent.id(), fork.id(), parent.computed(), expectedLength());
        return fork;
    }

    private void append(Branch branch, Generation.Row row) {
        if (row instanceof Generation.Row.Token token) {
            branch.append(token.id());
        } else {
            Tensor embedding = ((Generation.Row.Embedding) row).embedding();
            visuals.add(new StageInput.Visual(branch.length(), embedding));
            branch.append(0); // the row's embedding stands in its place
        }
    }

    void cancel(Instant at) {
        now = at;
        if (generation.isTextSoFar()) {
            generation.end(this);
        } else {
            refuse(LanguageModel.Refusal.CANCELLED, "it was cancelled");
        }
    }

    void refuse(LanguageModel.Refusal refusal, String reason) {
        metrics.requestRefused(refusal.name());
        listener.tell(new LanguageModel.Refused(request.id(), refusal, reason));
    }

    /** True once its deadline has passed. */
    boolean isLate(Instant at) {
        return request.deadline().filter(at::isAfter).isPresent();
    }

    /** Tokens that were handed on. */
    int generated() {
        return generated;
    }

    @Override
    public void token(int index, int token, String text, Optional<TokenScore> score) {
        generated = index + 1;
        listener.tell(new LanguageModel.TokenGenerated(request.id(), index, token, text, score));
    }

    @Override
    public void text(String text, List<Integer> tokens, TextEnd reason) {
        count(reason, tokens.size());
        listener.tell(new LanguageModel.Ended(request.id(), text, tokens, reason, cost()));
    }

    @Override
    public void probabilities(List<Double> probabilities, int tokens) {
        count(TextEnd.STOP, tokens);
        listener.tell(new LanguageModel.Chosen(request.id(), probabilities, tokens, cost()));
    }

    @Override
    public void embeddings(Tensor embeddings) {
        count(TextEnd.STOP, (int) embeddings.dim(0));
        listener.tell(new LanguageModel.EmbeddingsGenerated(request.id(), embeddings, cost()));
    }

    private void count(TextEnd reason, int tokens) {
        GenerationCost cost = cost();
        metrics.requestEnded(
                reason.name(),
                cost.promptRows(),
                cost.reusedRows(),
                tokens,
                cost.queued(),
                cost.prefill(),
                cost.generate());
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
