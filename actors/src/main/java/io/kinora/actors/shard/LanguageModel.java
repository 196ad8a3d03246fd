package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.serialization.KryoMessage;
import io.kinora.model.text.Tokenizer;
import io.kinora.tensor.Tensor;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

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

    /** From a stage: it has loaded its weights, and its cache is empty and holds that many positions. */
    public record StageStarted(int stage, long cachePositions) implements Command {}

    /** From the last stage: what a step gave, and how much of its cache is in use, 0 to 1. */
    public record StepDone(long step, StageResult result, double cacheUse) implements Command {}

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
    public record TokenGenerated(String requestId, int index, int token, String text, Optional<TokenScore> score)
            implements Event {}

    /** The text is complete. */
    public record Ended(String requestId, String text, List<Integer> tokens, TextEnd reason, GenerationCost cost)
            implements Event {
        /** Takes a copy. */
        public Ended {
            tokens = List.copyOf(tokens);
        }
    }

    /** The probability of each choice, in their order; {@code tokens} is the length of the most probable one. */
    public record Chosen(String requestId, List<Double> probabilities, int tokens, GenerationCost cost)
            implements Event {
        /** Takes a copy. */
        public Chosen {
            probabilities = List.copyOf(probabilities);
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
        /** It contradicts itself, or asks for what this model cannot do. */
        INVALID,
        /** The deadline has passed. */
        LATE,
        /** It was cancelled before there was anything to show. */
        CANCELLED,
        /** The model is broken. */
        BROKEN
    }

    private final LanguageModelSettings settings;
    private final Admission admission;
    private final ServingMetrics metrics;
    private final Clock clock;
    private final int stages;
    private final ActorRef<StageHost.Command> first;
    private final StageCaches caches;
    private final SequenceTable sequences;
    private final PrefixTable prefixes;
    private int stagesStarted;
    private long lastStep;
    private Optional<LanguageModelStep> inFlight = Optional.empty();

    private LanguageModel(
            ActorContext<Command> context,
            Stages stages,
            Tokenizer tokenizer,
            LanguageModelSettings settings,
            ServingMetrics metrics,
            Clock clock) {
        super(context);
        this.settings = settings;
        this.admission = new Admission(settings, tokenizer);
        this.metrics = metrics;
        this.clock = clock;
        this.sequences = new SequenceTable(settings.maxSequences(), settings.maxWaiting(), settings.maxWaitingRows());
        this.prefixes = new PrefixTable(settings.maxPrefixes());
        this.stages = stages.count();
        this.first = stages.start(context);
        this.caches = new StageCaches(first);
    }

    /**
     * A language model.
     *
     * @param stages where its layers are
     * @param tokenizer turns tokens into text
     * @param metrics hears of requests, tokens and steps
     */
    public static Behavior<Command> create(
            Stages stages, Tokenizer tokenizer, LanguageModelSettings settings, ServingMetrics metrics, Clock clock) {
        return Behaviors.setup(context -> new LanguageModel(context, stages, tokenizer, settings, metrics, clock));
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
        try {
            Sequence sequence = new Sequence(
                    request, admission.generation(request), generate.replyTo(), caches, metrics, clock.instant());
            Optional<String> unfit = admission.unfit(sequence);
            if (unfit.isPresent()) {
                refuse(sequence, Refusal.TOO_LONG, unfit.get());
                return this;
            }
            Optional<String> full = sequences.offer(sequence);
            full.ifPresent(reason -> refuse(sequence, Refusal.BUSY, reason));
            startStep();
        } catch (IllegalArgumentException e) {
            request.visuals().forEach(visual -> visual.embeddings().close());
            metrics.requestRefused(Refusal.INVALID.name());
            generate.replyTo().tell(new Refused(request.id(), Refusal.INVALID, String.valueOf(e.getMessage())));
        }
        return this;
    }

    private Behavior<Command> onCancel(Cancel cancel) {
        sequences.find(cancel.requestId()).ifPresent(sequence -> {
            sequence.cancel(clock.instant());
            remove(sequence);
        });
        return this;
    }

    private Behavior<Command> onStageStarted(StageStarted started) {
        admission.cacheHolds(started.cachePositions());
        if (stagesStarted < stages) {
            stagesStarted++;
            sequences.all().forEach(sequence -> admission.unfit(sequence).ifPresent(reason -> {
                refuse(sequence, Refusal.TOO_LONG, reason);
            }));
        } else {
            metrics.stageRestarted();
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
                metrics.cacheUsed(done.cacheUse());
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
                case BROKEN -> step.sequences().forEach(sequence -> refuse(sequence, Refusal.BROKEN, failed.reason()));
            }
        }
        startStep();
        return this;
    }

    private Behavior<Command> onStageLost(Terminated lost) {
        String reason = "stage %s of the language model is gone"
                .formatted(lost.getRef().path().name());
        sequences.all().forEach(sequence -> sequence.refuse(Refusal.BROKEN, reason));
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
        if (inFlight.isPresent() || stagesStarted < stages) {
            return;
        }
        sequences
                .late(clock.instant())
                .forEach(late -> refuse(
                        late, Refusal.LATE, "its deadline has passed, after %d tokens".formatted(late.generated())));
        sequences.admit();
        sequences.running().forEach(this::reusePrefix);
        metrics.load(sequences.running().size(), sequences.waiting());
        List<Sequence> next = nextToCompute();
        if (next.isEmpty()) {
            return;
        }
        LanguageModelStep step = LanguageModelStep.of(++lastStep, next, settings.stepRows(), clock.instant());
        inFlight = Optional.of(step);
        metrics.stepStarted(step.sequences().size(), step.batch().rows());
        first.tell(new StageHost.Run(step.number(), step.batch(), step.input(), step.outputs()));
    }

    /**
     * All texts together, or one sequence of embeddings by itself, in turns. Products of other sizes differ in their last bits: a token hides that,
     * pixels do not, and the same seed is to give the same clip whatever else is being computed.
     */
    private List<Sequence> nextToCompute() {
        List<Sequence> texts = sequences.running().stream()
                .filter(sequence -> !sequence.wantsEmbedding() && !followsAnother(sequence))
                .toList();
        Optional<Sequence> embeddings = sequences.running().stream()
                .filter(Sequence::wantsEmbedding)
                .min(Comparator.comparingLong(Sequence::lastStep).thenComparingLong(Sequence::id));
        boolean textsTurn = embeddings.isEmpty() || (!texts.isEmpty() && lastStep % 2 == 0);
        return textsTurn ? texts : List.of(embeddings.get());
    }

    /** Whether its prompt's beginning is just being computed for another request: then it starts behind that, once it is there. */
    private boolean followsAnother(Sequence sequence) {
        Optional<LanguageModelRequest.Prefix> prefix = sequence.request().prefix();
        return settings.maxPrefixes() > 0
                && prefix.isPresent()
                && !sequence.isBegun()
                && sequences.running().stream()
                        .takeWhile(other -> other != sequence)
                        .anyMatch(other -> other.request().prefix().equals(prefix));
    }

    private void reusePrefix(Sequence sequence) {
        if (!sequence.isBegun()) {
            sequence.request()
                    .prefix()
                    .flatMap(prefixes::find)
                    .ifPresent(kept -> sequence.startBehind(kept.sequence(), kept.rows()));
        }
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
        Branch first = sequence.branches().get(0);
        sequence.request()
                .prefix()
                .filter(prefix -> settings.maxPrefixes() > 0
                        && first.computed() >= prefix.rows()
                        && prefixes.find(prefix).isEmpty())
                .ifPresent(prefix -> {
                    long child = caches.newSequence();
                    caches.fork(first.id(), child, prefix.rows(), prefix.rows());
                    caches.free(prefixes.keep(prefix, child));
                });
    }

    private void makeRoom(LanguageModelStep step, String reason) {
        Optional<Long> oldest = prefixes.dropOldest();
        if (oldest.isPresent()) {
            caches.free(List.of(oldest.get()));
            return;
        }
        Sequence youngest = sequences.youngestRunning();
        if (step.sequences().size() == 1) {
            refuse(youngest, Refusal.TOO_LONG, reason);
        } else {
            metrics.preempted();
            youngest.computeAgain();
            sequences.putBack(youngest);
        }
    }

    private void computeAgain() {
        inFlight = Optional.empty();
        caches.free(prefixes.clear());
        sequences.running().forEach(Sequence::computeAgain);
    }

    private void refuse(Sequence sequence, Refusal refusal, String reason) {
        sequence.refuse(refusal, reason);
        remove(sequence);
    }

    private void remove(Sequence sequence) {
        if (sequences.remove(sequence)) {
            sequence.forget();
        }
        sequence.close();
    }
}
