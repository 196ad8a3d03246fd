package io.kinora.actors.answer;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.shard.GenerationCost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.actors.shard.LanguageModelRequest;
import io.kinora.actors.shard.StageInput;
import io.kinora.actors.shard.TextEnd;
import io.kinora.actors.trace.Stage;
import io.kinora.actors.trace.TracedWork;
import io.kinora.actors.trace.Tracing;
import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.llm.ContextLengthException;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One question on its way: embeddings of what it is about, prompt, answer. Stops by itself when the answer is complete. */
final class AnswerSession extends AbstractBehavior<AnswerSession.Command> {
    /** What a session is told. */
    sealed interface Command {}

    /** Gives the question up: the asker gets the answer so far, or that there is none. */
    record Cancel() implements Command {}

    private record Begin() implements Command {}

    private record Looked(MediumSession.Outcome outcome) implements Command {}

    private record Generated(LanguageModel.Event event) implements Command {}

    private final AnswerRequest request;
    private final ClipModel model;
    private final ActorRef<AnswerEvent> listener;
    private final List<Conversation.Medium> media;
    private final Tracing tracing;
    private final TracedWork work;
    private final List<MediumSession.Seen> seen = new ArrayList<>();
    private final long started = System.nanoTime();
    private Duration firstToken = Duration.ZERO;
    private int looking;
    private boolean refused;
    private boolean generating;

    private AnswerSession(
            ActorContext<Command> context, AnswerRequest request, ClipModel model, ActorRef<AnswerEvent> listener) {
        super(context);
        this.request = request;
        this.model = model;
        this.listener = listener;
        this.media = request.conversation().media();
        this.looking = media.size();
        this.tracing = Tracing.get(context.getSystem());
        this.work = tracing.begin("answer", Tracing.Kind.PART, request.trace());
    }

    static Behavior<Command> create(AnswerRequest request, ClipModel model, ActorRef<AnswerEvent> listener) {
        return Behaviors.setup(context -> {
            AnswerSession session = new AnswerSession(context, request, model, listener);
            context.getSelf().tell(new Begin());
            return session;
        });
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Begin.class, message -> onBegin())
                .onMessage(Looked.class, this::onLooked)
                .onMessage(Generated.class, this::onGenerated)
                .onMessage(Cancel.class, message -> onCancel())
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    private Behavior<Command> onBegin() {
        if (media.isEmpty()) {
            return refused ? Behaviors.stopped() : generate();
        }
        ActorRef<MediumSession.Outcome> outcomes =
                getContext().messageAdapter(MediumSession.Outcome.class, Looked::new);
        for (int i = 0; i < media.size(); i++) {
            getContext().spawnAnonymous(MediumSession.create(i, media.get(i), model, work.trace(), outcomes));
        }
        return this;
    }

    private Behavior<Command> onLooked(Looked looked) {
        looking--;
        if (looked.outcome() instanceof MediumSession.Seen found) {
            seen.add(found);
            if (!refused) {
                listener.tell(
                        new AnswerEvent.Watched(request.id(), found.medium(), found.timestamps(), found.reused()));
            }
        } else if (looked.outcome() instanceof MediumSession.NotSeen failed) {
            refuse(failed.code(), failed.reason(), failed.retriable());
        }
        if (looking > 0) {
            // Embeddings that are still on their way are owned by this session.
            return this;
        }
        if (refused) {
            release();
            return Behaviors.stopped();
        }
        return generate();
    }

    private Behavior<Command> generate() {
        seen.sort(Comparator.comparingInt(MediumSession.Seen::medium));
        try {
            generate(model.prompt(request.conversation()), model.output(request.reply()));
            return this;
        } catch (ContextLengthException e) {
            return stop("prompt.too_long", e.getMessage(), false);
        } catch (IllegalArgumentException e) {
            return stop("request.invalid", e.getMessage(), false);
        } finally {
            release();
        }
    }

    private void generate(Emu2PromptIds prompt, LanguageModelRequest.Output output) {
        List<Integer> ids = IntStream.of(prompt.ids()).boxed().toList();
        int shared = Math.min(prompt.reusablePrefix(), ids.size() - 1);
        Optional<LanguageModelRequest.Prefix> prefix = shared < 1
                ? Optional.empty()
                : Optional.of(new LanguageModelRequest.Prefix(
                        media.stream()
                                        .map(medium -> MediumSession.key(medium, model))
                                        .collect(Collectors.joining("+"))
                                + "/"
                                + ids.subList(0, shared).hashCode(),
                        shared));
        generating = true;
        model.languageModel()
                .tell(new LanguageModel.Generate(
                        new LanguageModelRequest(
                                request.id(),
                                ids,
                                visuals(prompt),
                                prefix,
                                request.priority(),
                                request.deadline(),
                                output),
                        getContext().messageAdapter(LanguageModel.Event.class, Generated::new)));
    }

    /** The embeddings where the prompt has room for them. */
    private List<StageInput.Visual> visuals(Emu2PromptIds prompt) {
        List<Tensor> clips = embeddings(Conversation.Clip.class); // (frames, n, W) each
        List<Tensor> stills = embeddings(Conversation.Still.class); // (1, n, W) each
        List<StageInput.Visual> visuals = new ArrayList<>();
        try (Scope scope = model.host().scope()) {
            for (Emu2PromptIds.FrameSlot slot : prompt.frames()) {
                Tensor frame = clips.get(slot.clip()).select(0, slot.frame());
                visuals.add(new StageInput.Visual(slot.start(), scope.detach(frame)));
            }
            for (int i = 0; i < stills.size(); i++) {
                Tensor still = stills.get(i).select(0, 0);
                visuals.add(new StageInput.Visual(prompt.images().get(i).start(), scope.detach(still)));
            }
        }
        visuals.sort(Comparator.comparingInt(StageInput.Visual::row));
        return visuals;
    }

    private List<Tensor> embeddings(Class<? extends Conversation.Medium> kind) {
        return seen.stream()
                .filter(found -> kind.isInstance(media.get(found.medium())))
                .map(MediumSession.Seen::embeddings)
                .toList();
    }

    private Behavior<Command> onGenerated(Generated generated) {
        if (generated.event() instanceof LanguageModel.TokenGenerated token) {
            if (token.index() == 0) {
                firstToken = since(started);
            }
            listener.tell(new AnswerEvent.Piece(request.id(), token.index(), token.text(), token.score()));
            return this;
        }
        if (generated.event() instanceof LanguageModel.Ended ended) {
            return answered(
                    ended.text(), List.of(), ended.reason(), ended.tokens().size(), ended.cost());
        }
        if (generated.event() instanceof LanguageModel.Chosen chosen) {
            firstToken = since(started);
            List<Double> all = chosen.probabilities();
            int best = all.indexOf(Collections.max(all));
            String text = ((AnswerRequest.OneOf) request.reply()).choices().get(best);
            return answered(text, all, TextEnd.STOP, chosen.tokens(), chosen.cost());
        }
        LanguageModel.Refused refusal = (LanguageModel.Refused) generated.event();
        return switch (refusal.refusal()) {
            case BUSY -> stop("busy", refusal.reason(), true);
            case LATE -> stop("late", refusal.reason(), false);
            case INVALID -> stop("request.invalid", refusal.reason(), false);
            case TOO_LONG -> stop("prompt.too_long", refusal.reason(), false);
            case CANCELLED -> stop("cancelled", refusal.reason(), false);
            case BROKEN -> stop("model", refusal.reason(), true);
        };
    }

    private Behavior<Command> answered(
            String text, List<Double> choices, TextEnd end, int tokens, GenerationCost cost) {
        AnswerCost took = new AnswerCost(
                cost.promptRows(),
                tokens,
                cost.reusedRows(),
                seen.stream().allMatch(MediumSession.Seen::reused) && !seen.isEmpty(),
                total(MediumSession.Seen::decode),
                total(MediumSession.Seen::encode),
                cost.queued(),
                cost.prefill(),
                cost.generate(),
                firstToken);
        tracing.tell(
                work.trace(),
                new Stage("llm.queue", cost.queued()),
                new Stage("llm.prefill", cost.prefill()),
                new Stage("llm.decode", cost.generate()));
        work.with("gen_ai.usage.input_tokens", took.promptTokens())
                .with("gen_ai.usage.output_tokens", took.newTokens())
                .with("kinora.prompt.reused_tokens", took.reusedTokens())
                .with("kinora.finish", end.name().toLowerCase(Locale.ROOT));
        List<Duration> timestamps =
                seen.stream().flatMap(found -> found.timestamps().stream()).toList();
        listener.tell(new AnswerEvent.Answered(request.id(), text, choices, end, timestamps, took));
        return Behaviors.stopped();
    }

    private Duration total(Function<MediumSession.Seen, Duration> part) {
        return seen.stream().map(part).reduce(Duration.ZERO, Duration::plus);
    }

    private Behavior<Command> onCancel() {
        if (generating) {
            model.languageModel().tell(new LanguageModel.Cancel(request.id()));
            return this;
        }
        refuse("cancelled", "it was cancelled", false);
        return this;
    }

    private Behavior<Command> stop(String code, String reason, boolean retriable) {
        refuse(code, reason, retriable);
        return Behaviors.stopped();
    }

    /** Tells the asker once that there will be no answer. */
    private void refuse(String code, String reason, boolean retriable) {
        if (!refused) {
            refused = true;
            work.failed(code);
            listener.tell(new AnswerEvent.NotAnswered(request.id(), code, reason, retriable));
        }
    }

    private Behavior<Command> onPostStop() {
        work.end();
        return this;
    }

    private void release() {
        seen.forEach(found -> found.embeddings().close());
    }

    private static Duration since(long nanoTime) {
        return Duration.ofNanos(System.nanoTime() - nanoTime);
    }
}
