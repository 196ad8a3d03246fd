package io.kinora.actors.answer;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.adapter.FramePixels;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.actors.shard.LanguageModelRequest;
import io.kinora.actors.shard.StageInput;
import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.llm.ContextLengthException;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.video.ClipFetchException;
import io.kinora.video.ClipFrame;
import io.kinora.video.ClipLimitException;
import io.kinora.video.FrameSampler;
import io.kinora.video.SampledClip;
import io.kinora.video.VideoException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;

/** One question on its way: frames, embeddings, prompt, answer. Stops by itself when the answer is complete. */
final class AnswerSession extends AbstractBehavior<AnswerSession.Command> {
    /** What a session is told. */
    sealed interface Command {}

    /** Gives the question up: the asker gets the answer so far, or that there is none. */
    record Cancel() implements Command {}

    private record Looked(EncoderHost.Reply reply) implements Command {}

    private record Sampled(SampledClip clip, Duration took) implements Command {}

    private record NotSampled(Throwable failure) implements Command {}

    private record Generated(LanguageModel.Event event) implements Command {}

    private final AnswerRequest request;
    private final ClipModel model;
    private final ActorRef<AnswerEvent> listener;
    private final ActorRef<EncoderHost.Reply> encoderReplies;
    private final String clipKey;
    private final long started = System.nanoTime();
    private long encodingStarted = started;
    private Duration decode = Duration.ZERO;
    private Duration encode = Duration.ZERO;
    private Duration firstToken = Duration.ZERO;
    private boolean reused;
    private List<Duration> timestamps = List.of();
    private boolean generating;

    private AnswerSession(
            ActorContext<Command> context, AnswerRequest request, ClipModel model, ActorRef<AnswerEvent> listener) {
        super(context);
        this.request = request;
        this.model = model;
        this.listener = listener;
        this.encoderReplies = context.messageAdapter(EncoderHost.Reply.class, Looked::new);
        this.clipKey = "%s/%d/%s".formatted(request.clipHash(), request.frames(), model.revision());
    }

    static Behavior<Command> create(AnswerRequest request, ClipModel model, ActorRef<AnswerEvent> listener) {
        return Behaviors.setup(context -> {
            AnswerSession session = new AnswerSession(context, request, model, listener);
            model.encoder().tell(new EncoderHost.Find(session.clipKey, session.encoderReplies));
            return session;
        });
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Looked.class, this::onLooked)
                .onMessage(Sampled.class, this::onSampled)
                .onMessage(NotSampled.class, this::onNotSampled)
                .onMessage(Generated.class, this::onGenerated)
                .onMessage(Cancel.class, message -> onCancel())
                .build();
    }

    private Behavior<Command> onLooked(Looked looked) {
        if (looked.reply() instanceof EncoderHost.NotKept) {
            sample();
            return this;
        }
        if (looked.reply() instanceof EncoderHost.Encoded encoded) {
            return onEncoded(encoded);
        }
        return refuse("model", ((EncoderHost.EncodeFailed) looked.reply()).reason(), true);
    }

    private void sample() {
        Executor blocking = getContext()
                .getSystem()
                .dispatchers()
                .lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"));
        FrameSampler sampler =
                FrameSampler.uniform(request.frames()).mapping(frame -> FramePixels.resized(frame, model.imageSize()));
        getContext()
                .pipeToSelf(
                        CompletableFuture.supplyAsync(() -> sampler.sample(request.clip(), request.limits()), blocking),
                        (clip, failure) ->
                                failure == null ? new Sampled(clip, since(started)) : new NotSampled(failure));
    }

    private Behavior<Command> onSampled(Sampled sampled) {
        decode = sampled.took();
        encodingStarted = System.nanoTime();
        Tensor frames = FramePixels.of(
                sampled.clip().frames().stream().map(ClipFrame::image).toList(), model.host());
        model.encoder()
                .tell(new EncoderHost.Encode(clipKey, frames, sampled.clip().timestamps(), encoderReplies));
        return this;
    }

    private Behavior<Command> onNotSampled(NotSampled notSampled) {
        Throwable failure = notSampled.failure() instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : notSampled.failure();
        if (failure instanceof ClipLimitException) {
            return refuse("clip.limit", failure.getMessage(), false);
        }
        if (failure instanceof VideoException) {
            return refuse("clip.unreadable", failure.getMessage(), failure instanceof ClipFetchException);
        }
        getContext().getLog().error("question {} failed while its clip was decoded", request.id(), failure);
        return refuse("internal", failure.toString(), true);
    }

    private Behavior<Command> onEncoded(EncoderHost.Encoded encoded) {
        encode = encoded.reused() ? Duration.ZERO : since(encodingStarted);
        reused = encoded.reused();
        timestamps = encoded.timestamps();
        listener.tell(new AnswerEvent.Watched(request.id(), timestamps, reused));
        try (Tensor embeddings = encoded.embeddings()) {
            generate(model.prompt(request.text(), request.frames()), embeddings);
            return this;
        } catch (ContextLengthException e) {
            return refuse("prompt.too_long", e.getMessage(), false);
        }
    }

    private void generate(Emu2PromptIds prompt, Tensor embeddings) { // (frames, n, W)
        List<Integer> ids = IntStream.of(prompt.ids()).boxed().toList();
        List<StageInput.Visual> visuals = new ArrayList<>();
        try (Scope scope = embeddings.engine().scope()) {
            for (Emu2PromptIds.FrameSlot slot : prompt.frames()) {
                visuals.add(new StageInput.Visual(slot.start(), scope.detach(embeddings.select(0, slot.frame()))));
            }
        }
        int shared = Math.min(prompt.reusablePrefix(), ids.size() - 1);
        Optional<LanguageModelRequest.Prefix> prefix = shared < 1
                ? Optional.empty()
                : Optional.of(new LanguageModelRequest.Prefix(
                        clipKey + "/" + ids.subList(0, shared).hashCode(), shared));
        generating = true;
        model.languageModel()
                .tell(new LanguageModel.Generate(
                        new LanguageModelRequest(
                                request.id(),
                                ids,
                                visuals,
                                prefix,
                                request.priority(),
                                request.deadline(),
                                new LanguageModelRequest.Text(request.options())),
                        getContext().messageAdapter(LanguageModel.Event.class, Generated::new)));
    }

    private Behavior<Command> onGenerated(Generated generated) {
        if (generated.event() instanceof LanguageModel.TokenGenerated token) {
            if (token.index() == 0) {
                firstToken = since(started);
            }
            listener.tell(new AnswerEvent.Piece(request.id(), token.index(), token.text()));
            return this;
        }
        if (generated.event() instanceof LanguageModel.Ended ended) {
            listener.tell(
                    new AnswerEvent.Answered(request.id(), ended.text(), ended.reason(), timestamps, cost(ended)));
            return Behaviors.stopped();
        }
        LanguageModel.Refused refused = (LanguageModel.Refused) generated.event();
        return switch (refused.refusal()) {
            case BUSY -> refuse("busy", refused.reason(), true);
            case LATE -> refuse("late", refused.reason(), false);
            case TOO_LONG -> refuse("prompt.too_long", refused.reason(), false);
            case CANCELLED -> refuse("cancelled", refused.reason(), false);
            case BROKEN -> refuse("model", refused.reason(), true);
        };
    }

    private AnswerCost cost(LanguageModel.Ended ended) {
        return new AnswerCost(
                ended.cost().promptRows(),
                ended.tokens().size(),
                ended.cost().reusedRows(),
                reused,
                decode,
                encode,
                ended.cost().queued(),
                ended.cost().prefill(),
                ended.cost().generate(),
                firstToken);
    }

    private Behavior<Command> onCancel() {
        if (generating) {
            model.languageModel().tell(new LanguageModel.Cancel(request.id()));
            return this;
        }
        return refuse("cancelled", "it was cancelled", false);
    }

    private Behavior<Command> refuse(String code, String reason, boolean retriable) {
        listener.tell(new AnswerEvent.NotAnswered(request.id(), code, reason, retriable));
        return Behaviors.stopped();
    }

    private static Duration since(long nanoTime) {
        return Duration.ofNanos(System.nanoTime() - nanoTime);
    }
}
