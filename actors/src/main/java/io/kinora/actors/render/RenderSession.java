package io.kinora.actors.render;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.adapter.FramePixels;
import io.kinora.actors.adapter.JobRequest;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.GenerationCost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.actors.shard.RenderJob;
import io.kinora.actors.shard.RenderedAs;
import io.kinora.actors.trace.Stage;
import io.kinora.actors.trace.TracedWork;
import io.kinora.actors.trace.Tracing;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.video.ClipLimitException;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/**
 * One job on its way: frames of its material, embeddings of what is to be seen and of nothing, then the decoder. Stops by itself when the clip is made.
 *
 * <pre>
 *   words            ─────────────────────────────> regressed ─> decoder        (Emu2; a text encoder is the decoder's own affair)
 *   clip or picture  ─> frames ─> encoded ────────────────────-> decoder        (autoencoded)
 *   words + picture  ─> frames ─> encoded ────────-> regressed ─> decoder        (edited)
 *   with a strength, frames are also what the decoder starts from
 * </pre>
 */
final class RenderSession extends AbstractBehavior<RenderSession.Command> {
    /** What a session is told. */
    sealed interface Command {}

    /** Gives the job up. */
    record Cancel() implements Command {}

    private record Gathered(MaterialFrames taken) implements Command {}

    private record NotGathered(Throwable failure) implements Command {}

    private record Seen(EncoderHost.Reply reply) implements Command {}

    private record Imagined(LanguageModel.Event event) implements Command {}

    private record Decoded(DecoderHost.Event event) implements Command {}

    private final RenderRequest request;
    private final VideoModel model;
    private final ActorRef<RenderEvent> listener;
    private final ActorRef<EncoderHost.Reply> encoderReplies;
    private final Optional<Imagining> imagining;
    private final Tracing tracing;
    private final TracedWork work;
    private final long started = System.nanoTime();
    private long stageStarted = started;
    private MaterialFrames taken = MaterialFrames.NONE;
    private Optional<Tensor> seen = Optional.empty();
    private boolean decoding;

    private RenderSession(
            ActorContext<Command> context,
            RenderRequest request,
            VideoModel model,
            Optional<ActorRef<ImaginedNothing.Command>> nothing,
            ActorRef<RenderEvent> listener) {
        super(context);
        this.request = request;
        this.model = model;
        this.listener = listener;
        this.tracing = Tracing.get(context.getSystem());
        this.work = tracing.begin("render", Tracing.Kind.PART, request.trace());
        this.encoderReplies = context.messageAdapter(EncoderHost.Reply.class, Seen::new);
        this.imagining = model.imagination()
                .map(imagination -> new Imagining(
                        request,
                        imagination,
                        nothing.orElseThrow(),
                        context.messageAdapter(LanguageModel.Event.class, Imagined::new)));
    }

    /** @param nothing the embeddings of no words, for a model that imagines */
    static Behavior<Command> create(
            RenderRequest request,
            VideoModel model,
            Optional<ActorRef<ImaginedNothing.Command>> nothing,
            ActorRef<RenderEvent> listener) {
        return Behaviors.setup(context -> new RenderSession(context, request, model, nothing, listener).start());
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Gathered.class, this::onGathered)
                .onMessage(NotGathered.class, this::onNotGathered)
                .onMessage(Seen.class, this::onSeen)
                .onMessage(Imagined.class, this::onImagined)
                .onMessage(Decoded.class, this::onDecoded)
                .onMessage(Cancel.class, message -> onCancel())
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    private Behavior<Command> start() {
        try {
            JobRequest.check(request.settings(), model.limits());
        } catch (IllegalArgumentException e) {
            if (request.material().orElse(null) instanceof RenderRequest.Embedded embedded) {
                embedded.close();
            }
            return refuse("request.invalid", String.valueOf(e.getMessage()), false);
        }
        if (request.material().isEmpty()) {
            return imagine();
        }
        if (request.material().get() instanceof RenderRequest.Embedded embedded) {
            return decode(embedded.subject());
        }
        if (imagining.isPresent() && request.prompt().isPresent() && !isStill() && !startsFromFrames()) {
            return refuse(
                    "request.invalid",
                    "this checkpoint makes a clip from words or from a clip; for words and a clip, give a strength",
                    false);
        }
        if (looks() && !startsFromFrames()) {
            encoder().tell(new EncoderHost.Find(key(), encoderReplies)); // perhaps it was asked about before
            return this;
        }
        return gather();
    }

    /** Whether the material is seen by the model, as opposed to only being where the noise begins. */
    private boolean looks() {
        return imagining.isPresent() && (request.prompt().isEmpty() || isStill());
    }

    private boolean isStill() {
        return request.material().orElseThrow() instanceof RenderRequest.Still;
    }

    private boolean startsFromFrames() {
        return request.material().orElse(null) instanceof RenderRequest.Medium
                && (imagining.isEmpty() || request.strength().isPresent());
    }

    private Behavior<Command> gather() {
        Executor blocking = getContext()
                .getSystem()
                .dispatchers()
                .lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"));
        stageStarted = System.nanoTime();
        UnaryOperator<RgbFrame> each = startsFromFrames() ? MaterialFrames::bounded : this::asSeen;
        getContext()
                .pipeToSelf(
                        CompletableFuture.supplyAsync(() -> MaterialFrames.of(request, each), blocking),
                        (frames, failure) -> failure == null ? new Gathered(frames) : new NotGathered(failure));
        return this;
    }

    private Behavior<Command> onGathered(Gathered gathered) {
        taken = gathered.taken();
        tell("clip.decode");
        if (!looks()) {
            return imagine();
        }
        List<RgbFrame> small = taken.frames().stream().map(this::asSeen).toList();
        encoder()
                .tell(new EncoderHost.Encode(
                        key(),
                        EncoderHost.Kind.STILLS, // key frames are pictures to the decoder, as in training
                        FramePixels.of(small, model.host()),
                        taken.timestamps(),
                        encoderReplies));
        return this;
    }

    private RgbFrame asSeen(RgbFrame frame) {
        return FramePixels.resized(frame, model.imagination().orElseThrow().imageSize());
    }

    private Behavior<Command> onNotGathered(NotGathered notGathered) {
        Throwable failure = notGathered.failure() instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : notGathered.failure();
        if (failure instanceof ClipLimitException) {
            return refuse("clip.limit", failure.getMessage(), false);
        }
        if (failure instanceof VideoException) {
            return refuse("clip.unreadable", failure.getMessage(), false);
        }
        if (failure instanceof IllegalArgumentException) {
            return refuse("request.invalid", failure.getMessage(), false);
        }
        getContext().getLog().error("job {} failed while its material was read", request.id(), failure);
        return refuse("internal", failure.toString(), true);
    }

    private Behavior<Command> onSeen(Seen message) {
        if (message.reply() instanceof EncoderHost.NotKept) {
            return gather();
        }
        if (message.reply() instanceof EncoderHost.NotEncoded failed) {
            return refuse("model", failed.reason(), true);
        }
        EncoderHost.Encoded encoded = (EncoderHost.Encoded) message.reply();
        if (seen.isEmpty()) {
            if (!encoded.reused()) {
                tell("clip.encode");
            }
            seen = Optional.of(encoded.embeddings());
            if (request.prompt().isPresent()) {
                return imagine();
            }
            encoder().tell(new EncoderHost.EncodeNothing(encoderReplies));
            return this;
        }
        report();
        return decode(visual(encoded.embeddings()));
    }

    /** Embeddings of a picture, or of each frame of a clip, against those of nothing {@code [1, n, W]}. */
    private RenderJob.Subject visual(Tensor nothing) {
        Tensor embeddings = seen.orElseThrow();
        seen = Optional.empty();
        try (Scope scope = nothing.engine().scope()) {
            Tensor negative = scope.detach(nothing.select(0, 0));
            nothing.close();
            if (!isStill()) {
                return new RenderJob.Watched(embeddings, Optional.of(negative));
            }
            Tensor single = scope.detach(embeddings.select(0, 0));
            embeddings.close();
            return new RenderJob.Visual(single, Optional.of(negative));
        }
    }

    /** What words say, beside the picture that was seen. */
    private Behavior<Command> imagine() {
        if (imagining.isEmpty()) {
            return decode(new RenderJob.Words(request.prompt().orElse(""), request.negative()));
        }
        if (request.negative().isPresent()) {
            return refuse(
                    "request.invalid",
                    "a negative prompt is given, but this checkpoint has no text encoder that would read it",
                    false);
        }
        Optional<Imagining.Refusal> refusal = imagining.get().start(seen);
        seen.ifPresent(Tensor::close);
        seen = Optional.empty();
        return refusal.map(this::refuse).orElse(this);
    }

    private Behavior<Command> onImagined(Imagined message) {
        Imagining words = imagining.orElseThrow();
        if (message.event() instanceof LanguageModel.Refused refused) {
            return refuse(Imagining.refusal(refused));
        }
        LanguageModel.EmbeddingsGenerated made = (LanguageModel.EmbeddingsGenerated) message.event();
        if (made.requestId().equals(request.id())) {
            GenerationCost cost = made.cost();
            tracing.tell(
                    work.trace(),
                    new Stage("llm.queue", cost.queued()),
                    new Stage("llm.prefill", cost.prefill()),
                    new Stage("llm.decode", cost.generate()));
        }
        Optional<RenderJob.Subject> subject = words.accept(made);
        if (subject.isEmpty()) {
            return this;
        }
        report();
        return decode(subject.get());
    }

    private void report() {
        listener.tell(new RenderEvent.Imagined(request.id(), Duration.ofNanos(System.nanoTime() - started)));
    }

    private Behavior<Command> decode(RenderJob.Subject subject) {
        Optional<RenderJob.Source> source = startsFromFrames()
                ? Optional.of(new RenderJob.Source(
                        FramePixels.of(taken.frames(), model.host()),
                        request.strength().orElse(RenderRequest.DEFAULT_STRENGTH)))
                : Optional.empty();
        taken = MaterialFrames.NONE;
        decoding = true;
        model.decoder()
                .tell(new DecoderHost.Render(
                        request.job(subject, source),
                        getContext().messageAdapter(DecoderHost.Event.class, Decoded::new)));
        return this;
    }

    private Behavior<Command> onDecoded(Decoded decoded) {
        if (decoded.event() instanceof DecoderHost.Stepped step) {
            listener.tell(new RenderEvent.Stepped(request.id(), step.done(), step.total()));
            return this;
        }
        if (decoded.event() instanceof DecoderHost.Previewed preview) {
            listener.tell(new RenderEvent.Previewed(request.id(), preview.step(), preview.picture()));
            return this;
        }
        if (decoded.event() instanceof DecoderHost.Rendered rendered) {
            tell(rendered.made());
            listener.tell(new RenderEvent.Made(request.id(), rendered.files(), rendered.made()));
            return Behaviors.stopped();
        }
        DecoderHost.NotRendered failed = (DecoderHost.NotRendered) decoded.event();
        return switch (failed.failure()) {
            case BUSY -> refuse("busy", failed.reason(), true);
            case INVALID -> refuse("request.invalid", failed.reason(), false);
            case TOO_LARGE -> refuse("too_large", failed.reason(), false);
            case CANCELLED -> refuse("cancelled", failed.reason(), false);
            case LATE -> refuse("late", failed.reason(), false);
            case BROKEN -> refuse("model", failed.reason(), true);
            case UNLOADED -> refuse("model.unusable", failed.reason(), false);
        };
    }

    /** A stage that began when the last one ended. */
    private void tell(String stage) {
        long now = System.nanoTime();
        tracing.tell(work.trace(), new Stage(stage, Duration.ofNanos(now - stageStarted)));
        stageStarted = now;
    }

    private void tell(RenderedAs made) {
        RenderedAs.Times times = made.times();
        tracing.tell(
                work.trace(),
                new Stage("video.queue", times.queued()),
                new Stage("video.prompt", times.prompt()),
                new Stage("video.denoise", times.denoising()),
                new Stage("video.decode", times.decoding()),
                new Stage("video.encode", times.finishing()));
        work.with("kinora.frames", made.frames())
                .with("kinora.width", made.width())
                .with("kinora.height", made.height())
                .with("kinora.steps", made.steps())
                .with("kinora.sampler", made.sampler());
    }

    private Behavior<Command> onCancel() {
        if (decoding) {
            model.decoder().tell(new DecoderHost.Cancel(request.id()));
            return this;
        }
        imagining.ifPresent(Imagining::cancel);
        return refuse("cancelled", "it was cancelled before its first step", false);
    }

    private ActorRef<EncoderHost.Command> encoder() {
        return model.imagination().orElseThrow().encoder();
    }

    /** The same that a question about it has, so that one encoding serves both; but not where frames were reduced before they were seen. */
    private String key() {
        return "%s/%s/%s%s"
                .formatted(
                        ((RenderRequest.Medium) request.material().orElseThrow()).sha256(),
                        isStill() ? "still" : MaterialFrames.count(request) + " stills",
                        model.imagination().orElseThrow().revision(),
                        startsFromFrames() ? "/bounded" : "");
    }

    private Behavior<Command> refuse(Imagining.Refusal refusal) {
        return refuse(refusal.code(), refusal.reason(), refusal.retriable());
    }

    private Behavior<Command> refuse(String code, String reason, boolean retriable) {
        work.failed(code);
        listener.tell(new RenderEvent.NotMade(request.id(), code, reason, retriable));
        return Behaviors.stopped();
    }

    private Behavior<Command> onPostStop() {
        seen.ifPresent(Tensor::close);
        imagining.ifPresent(Imagining::close);
        work.end();
        return this;
    }
}
