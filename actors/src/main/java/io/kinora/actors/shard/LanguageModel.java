package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.Props;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.serialization.KryoMessage;
import io.kinora.model.text.Tokenizer;
import io.kinora.tensor.Tensor;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A language model whose layers lie in a row of {@link StageHost}s: takes requests, batches them continuously, and streams what comes out.
 *
 * <p>Each step takes one new row of every sequence that generates, and pieces of the prompts that are still being read, through all stages at once.
 * A request joins as soon as there is a place and leaves when it ends or is cancelled, which frees its place within one step.
 *
 * <p>The beginning of a prompt that a request names as its prefix is kept after the prompt was read, and the next request with the same prefix starts
 * behind it. If a stage loses its cache, all sequences are computed again from their prompts and what was generated so far; nobody who
 * listens sees a token twice or misses one.
 */
public final class LanguageModel extends AbstractBehavior<LanguageModel.Command> {
    /** What a language model is asked or told. */
    public sealed interface Command extends KryoMessage {}

    /** Starts a request; its {@link Event}s go to {@code replyTo}, the last one being any but {@link TokenGenerated}. */
    public record Generate(LanguageModelRequest request, ActorRef<Event> replyTo) implements Command {}

    /** Ends a request: its listener gets {@link Ended} with the text so far, or {@link Refused}. An unknown id is no error. */
    public record Cancel(String requestId) implements Command {}

    /** From a stage: it has loaded its weights, and its cache is empty. */
    public record StageStarted(int stage) implements Command {}

    /** From the last stage: what a step gave. */
    public record StepDone(long step, StageResult result) implements Command {}

    /** From a stage: a step went no further. */
    public record StepFailed(long step, int stage, Kind kind, String reason) implements Command {
        /** What to do about it. */
        public enum Kind {
            /** A sequence is not in the stage's cache: it has to be computed again. */
            PREFIX_MISSING,
            /** The cache has no room: something has to make place. */
            CACHE_FULL,
            /** The computation itself failed. */
            BROKEN
        }
    }

    /** What happens to a request. */
    public sealed interface Event extends KryoMessage {}

    /** A token, in order and once; {@code text} is what it adds to the answer, often empty in the middle of a character. */
    public record TokenGenerated(String requestId, int index, int token, String text, double logProbability)
            implements Event {}

    /** The text is complete. */
    public record Ended(String requestId, String text, List<Integer> tokens, TextEnd reason, GenerationCost cost)
            implements Event {
        /** Takes a copy. */
        public Ended {
            tokens = List.copyOf(tokens);
        }
    }

    /** The embeddings are complete: {@code [count, visual width]}, owned by the receiver. */
    public record EmbeddingsGenerated(String requestId, Tensor embeddings, GenerationCost cost) implements Event {}

    /** The request was not taken, or could not be finished. */
    public record Refused(String requestId, Refusal refusal, String reason) implements Event {}

    /** Why a request was refused. */
    public enum Refusal {
        /** Too many are waiting; later may help. */
        BUSY,
        /** The prompt and what is wanted do not fit into the model's positions or its cache. */
        TOO_LONG,
        /** The deadline has passed. */
        LATE,
        /** It was cancelled before there was anything to show. */
        CANCELLED,
        /** The model is broken. */
        BROKEN
    }

    private final LanguageModelSettings settings;
    private final Clock clock;
    private final List<ActorRef<StageHost.Command>> stages;
    private final SequenceTable sequences;
    private final PrefixTable prefixes;
    private final Function<LanguageModelRequest.Text, TextGeneration> texts;
    private int stagesStarted;
    private long lastStep;
    private long lastSequence;
    private Optional<LanguageModelStep> inFlight = Optional.empty();

    private LanguageModel(
            ActorContext<Command> context,
            List<Supplier<LanguageModelStage>> loads,
            Function<LanguageModelRequest.Text, TextGeneration> texts,
            LanguageModelSettings settings,
            Props stageProps,
            Clock clock) {
        super(context);
        this.settings = settings;
        this.clock = clock;
        this.texts = texts;
        this.sequences = new SequenceTable(settings.maxSequences(), settings.maxWaiting());
        this.prefixes = new PrefixTable(settings.maxPrefixes());
        List<ActorRef<StageHost.Command>> row = new ArrayList<>();
        for (int i = loads.size() - 1; i >= 0; i--) {
            Optional<ActorRef<StageHost.Command>> next = row.isEmpty() ? Optional.empty() : Optional.of(row.get(0));
            ActorRef<StageHost.Command> stage =
                    context.spawn(StageHost.create(i, loads.get(i), next, context.getSelf()), "stage-" + i, stageProps);
            context.watch(stage);
            row.add(0, stage);
        }
        this.stages = List.copyOf(row);
    }

    /**
     * A language model whose stages are its children.
     *
     * @param loads reads the weights of each stage, first to last
     * @param tokenizer turns tokens into text
     * @param stageProps the dispatcher that gives each stage its thread
     */
    public static Behavior<Command> create(
            List<Supplier<LanguageModelStage>> loads,
            Tokenizer tokenizer,
            LanguageModelSettings settings,
            Props stageProps,
            Clock clock) {
        if (loads.isEmpty()) {
            throw new IllegalArgumentException("a language model has at least one stage");
        }
        return Behaviors.setup(context -> new LanguageModel(
                context, loads, text -> new TextGeneration(tokenizer, text.options()), settings, stageProps, clock));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Generate.class, this::onGenerate)
                .onMessage(Cancel.class, this::onCancel)
                .onMessage(StageStarted.class, this::onStageStarted)
                .onMessage(StepDone.class, this::onStepDone)
                .onMessage(StepFailed.class, this::onStepFailed)
                .onSignal(Terminated.class, this::onStageLost)
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    private Behavior<Command> onGenerate(Generate generate) {
        LanguageModelRequest request = generate.request();
        Sequence sequence =
                new Sequence(++lastSequence, request, generation(request), generate.replyTo(), clock.instant());
        if (sequence.expectedLength() > settings.maxPositions()) {
            refuse(
                    sequence,
                    Refusal.TOO_LONG,
                    "the prompt has %d positions and may become %d longer, the model has %d"
                            .formatted(request.ids().size(), sequence.mostNewRows(), settings.maxPositions()));
        } else if (!sequences.offer(sequence)) {
            refuse(sequence, Refusal.BUSY, "%d requests already wait".formatted(settings.maxWaiting()));
        } else {
            startStep();
        }
        return this;
    }

    private Generation generation(LanguageModelRequest request) {
        if (request.output() instanceof LanguageModelRequest.Text text) {
            return texts.apply(text);
        }
        return new EmbeddingGeneration(((LanguageModelRequest.Embeddings) request.output()).count());
    }

    private Behavior<Command> onCancel(Cancel cancel) {
        sequences.find(cancel.requestId()).ifPresent(sequence -> {
            sequence.cancel(clock.instant());
            remove(sequence);
        });
        return this;
    }

    private Behavior<Command> onStageStarted(StageStarted started) {
        if (stagesStarted < stages.size()) {
            stagesStarted++;
        } else {
            getContext().getLog().warn("stage {} was restarted; its sequences are computed again", started.stage());
            computeAgain();
        }
        startStep();
        return this;
    }

    private Behavior<Command> onStepDone(StepDone done) {
        try (StageResult result = done.result()) {
            if (isCurrent(done.step())) {
                LanguageModelStep step = inFlight.orElseThrow();
                inFlight = Optional.empty();
                finish(step, result);
            }
        }
        startStep();
        return this;
    }

    private Behavior<Command> onStepFailed(StepFailed failed) {
        if (isCurrent(failed.step())) {
            LanguageModelStep step = inFlight.orElseThrow();
            inFlight = Optional.empty();
            switch (failed.kind()) {
                case PREFIX_MISSING -> computeAgain();
                case CACHE_FULL -> makeRoom(step, failed.reason());
                case BROKEN ->
                    step.sequences().forEach(sequence -> {
                        refuse(sequence, Refusal.BROKEN, failed.reason());
                        remove(sequence);
                    });
            }
        }
        startStep();
        return this;
    }

    private Behavior<Command> onStageLost(Terminated lost) {
        String reason = "stage %s of the language model is gone"
                .formatted(lost.getRef().path().name());
        sequences.all().forEach(sequence -> refuse(sequence, Refusal.BROKEN, reason));
        throw new IllegalStateException(reason);
    }

    private Behavior<Command> onPostStop() {
        sequences.all().forEach(Sequence::close);
        return this;
    }

    private boolean isCurrent(long step) {
        return inFlight.isPresent() && inFlight.get().number() == step;
    }

    private void startStep() {
        if (inFlight.isPresent() || stagesStarted < stages.size()) {
            return;
        }
        sequences.expire(clock.instant()).forEach(late -> refuse(late, Refusal.LATE, "its deadline has passed"));
        sequences.admit().forEach(this::reusePrefix);
        if (sequences.running().isEmpty()) {
            return;
        }
        LanguageModelStep step =
                LanguageModelStep.of(++lastStep, nextToCompute(), settings.stepRows(), clock.instant());
        inFlight = Optional.of(step);
        stages.get(0).tell(new StageHost.Run(step.number(), step.batch(), step.input(), step.outputs()));
    }

    /**
     * All texts together, or one sequence of embeddings by itself, in turns. Products of other sizes differ in their last bits: a token hides that,
     * pixels do not, and the same seed is to give the same clip whatever else is being computed.
     */
    private List<Sequence> nextToCompute() {
        List<Sequence> texts = sequences.running().stream()
                .filter(sequence -> !sequence.wantsEmbedding())
                .toList();
        Optional<Sequence> embeddings = sequences.running().stream()
                .filter(Sequence::wantsEmbedding)
                .min(Comparator.comparingLong(Sequence::lastStep).thenComparingLong(Sequence::id));
        boolean textsTurn = embeddings.isEmpty() || (!texts.isEmpty() && lastStep % 2 == 0);
        return textsTurn ? texts : List.of(embeddings.get());
    }

    private void reusePrefix(Sequence sequence) {
        sequence.request().prefix().flatMap(prefixes::find).ifPresent(kept -> {
            fork(kept.sequence(), sequence.id(), kept.rows(), sequence.expectedLength());
            sequence.startBehind(kept.rows());
        });
    }

    private void finish(LanguageModelStep step, StageResult result) {
        step.accept(result, sequences::isRunning, clock.instant());
        for (Sequence sequence : step.sequences()) {
            if (!sequences.isRunning(sequence)) {
                continue;
            }
            keepPrefix(sequence);
            if (sequence.isEnded()) {
                remove(sequence);
            }
        }
    }

    private void keepPrefix(Sequence sequence) {
        sequence.request()
                .prefix()
                .filter(prefix -> sequence.computed() >= prefix.rows()
                        && prefixes.find(prefix).isEmpty())
                .ifPresent(prefix -> {
                    long child = ++lastSequence;
                    fork(sequence.id(), child, prefix.rows(), prefix.rows());
                    free(prefixes.keep(prefix, child));
                });
    }

    private void makeRoom(LanguageModelStep step, String reason) {
        Optional<Long> oldest = prefixes.dropOldest();
        if (oldest.isPresent()) {
            free(List.of(oldest.get()));
            return;
        }
        Sequence youngest = sequences.youngestRunning();
        if (step.sequences().size() == 1) {
            refuse(youngest, Refusal.TOO_LONG, reason);
            remove(youngest);
        } else {
            youngest.computeAgain();
            free(List.of(youngest.id()));
            sequences.putBack(youngest);
        }
    }

    private void computeAgain() {
        inFlight = Optional.empty();
        free(prefixes.clear());
        free(sequences.running().stream().map(Sequence::id).toList());
        sequences.running().forEach(Sequence::computeAgain);
    }

    private void refuse(Sequence sequence, Refusal refusal, String reason) {
        sequence.refuse(refusal, reason);
    }

    private void remove(Sequence sequence) {
        if (sequences.remove(sequence)) {
            free(List.of(sequence.id()));
        }
        sequence.close();
    }

    private void fork(long parent, long child, int length, int expectedLength) {
        stages.get(0).tell(new StageHost.Fork(parent, child, length, expectedLength));
    }

    private void free(Collection<Long> dropped) {
        if (!dropped.isEmpty()) {
            stages.get(0).tell(new StageHost.Free(List.copyOf(dropped)));
        }
    }
}
