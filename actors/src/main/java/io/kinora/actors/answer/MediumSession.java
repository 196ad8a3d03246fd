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
import io.kinora.actors.trace.RequestTrace;
import io.kinora.actors.trace.Stage;
import io.kinora.actors.trace.Tracing;
import io.kinora.tensor.Tensor;
import io.kinora.video.ClipFetchException;
import io.kinora.video.ClipFrame;
import io.kinora.video.ClipLimitException;
import io.kinora.video.FrameSampler;
import io.kinora.video.RgbFrame;
import io.kinora.video.SampledClip;
import io.kinora.video.StillImage;
import io.kinora.video.VideoException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** One clip or picture of a conversation on its way to its embeddings. Tells one outcome, and stops. */
final class MediumSession extends AbstractBehavior<MediumSession.Command> {
    /** What a session is told. */
    sealed interface Command {}

    private record Looked(EncoderHost.Reply reply) implements Command {}

    private record Decoded(List<RgbFrame> frames, List<Duration> timestamps) implements Command {
        Decoded {
            frames = List.copyOf(frames);
            timestamps = List.copyOf(timestamps);
        }
    }

    private record NotDecoded(Throwable failure) implements Command {}

    /** How it ended. */
    sealed interface Outcome {
        /** Which of the conversation's media it was. */
        int medium();
    }

    /**
     * It has been looked at.
     *
     * @param embeddings {@code [frames, n, visual width]}; owned by the receiver
     * @param timestamps of the frames; empty for a picture
     */
    record Seen(
            int medium, Tensor embeddings, List<Duration> timestamps, boolean reused, Duration decode, Duration encode)
            implements Outcome {
        /** Takes a copy. */
        Seen {
            timestamps = List.copyOf(timestamps);
        }
    }

    /** It cannot be looked at; parameters as of {@link AnswerEvent.NotAnswered}. */
    record NotSeen(int medium, String code, String reason, boolean retriable) implements Outcome {}

    private final int index;
    private final Conversation.Medium medium;
    private final String key;
    private final ClipModel model;
    private final ActorRef<Outcome> parent;
    private final ActorRef<EncoderHost.Reply> encoderReplies;
    private final RequestTrace trace;
    private final Tracing tracing;
    private final long started = System.nanoTime();
    private long encodingStarted = started;
    private Duration decode = Duration.ZERO;

    private MediumSession(
            ActorContext<Command> context,
            int index,
            Conversation.Medium medium,
            ClipModel model,
            RequestTrace trace,
            ActorRef<Outcome> parent) {
        super(context);
        this.trace = trace;
        this.tracing = Tracing.get(context.getSystem());
        this.index = index;
        this.medium = medium;
        this.key = key(medium, model);
        this.model = model;
        this.parent = parent;
        this.encoderReplies = context.messageAdapter(EncoderHost.Reply.class, Looked::new);
    }

    /**
     * A session for the conversation's medium of that index.
     *
     * @param trace of the question
     */
    static Behavior<Command> create(
            int index, Conversation.Medium medium, ClipModel model, RequestTrace trace, ActorRef<Outcome> parent) {
        return Behaviors.setup(context -> {
            MediumSession session = new MediumSession(context, index, medium, model, trace, parent);
            model.encoder().tell(new EncoderHost.Find(session.key, session.encoderReplies));
            return session;
        });
    }

    /** What its embeddings are kept under. */
    static String key(Conversation.Medium medium, ClipModel model) {
        String frames = medium instanceof Conversation.Clip clip ? Integer.toString(clip.frames()) : "still";
        return "%s/%s/%s".formatted(medium.sha256(), frames, model.revision());
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Looked.class, this::onLooked)
                .onMessage(Decoded.class, this::onDecoded)
                .onMessage(NotDecoded.class, this::onNotDecoded)
                .build();
    }

    private Behavior<Command> onLooked(Looked looked) {
        if (looked.reply() instanceof EncoderHost.NotKept) {
            decode();
            return this;
        }
        if (looked.reply() instanceof EncoderHost.Encoded encoded) {
            Duration encode = encoded.reused() ? Duration.ZERO : since(encodingStarted);
            tracing.tell(trace, new Stage("clip.encode", encode));
            parent.tell(new Seen(index, encoded.embeddings(), encoded.timestamps(), encoded.reused(), decode, encode));
            return Behaviors.stopped();
        }
        return refuse("model", ((EncoderHost.NotEncoded) looked.reply()).reason(), true);
    }

    private void decode() {
        Executor blocking = getContext()
                .getSystem()
                .dispatchers()
                .lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"));
        getContext()
                .pipeToSelf(
                        CompletableFuture.supplyAsync(this::decoded, blocking),
                        (decoded, failure) -> failure == null ? decoded : new NotDecoded(failure));
    }

    private Decoded decoded() {
        if (medium instanceof Conversation.Clip clip) {
            FrameSampler sampler =
                    FrameSampler.uniform(clip.frames()).mapping(frame -> FramePixels.resized(frame, model.imageSize()));
            SampledClip sampled = sampler.sample(clip.source(), clip.limits());
            return new Decoded(sampled.frames().stream().map(ClipFrame::image).toList(), sampled.timestamps());
        }
        RgbFrame still = StillImage.decode(medium.source(), medium.limits());
        return new Decoded(List.of(FramePixels.resized(still, model.imageSize())), List.of());
    }

    private Behavior<Command> onDecoded(Decoded decoded) {
        decode = since(started);
        model.metrics().clipDecoded(decode);
        tracing.tell(trace, new Stage("clip.decode", decode));
        encodingStarted = System.nanoTime();
        EncoderHost.Kind kind = medium instanceof Conversation.Clip ? EncoderHost.Kind.FRAMES : EncoderHost.Kind.STILLS;
        Tensor pixels = FramePixels.of(decoded.frames(), model.host());
        model.encoder().tell(new EncoderHost.Encode(key, kind, pixels, decoded.timestamps(), encoderReplies));
        return this;
    }

    private Behavior<Command> onNotDecoded(NotDecoded notDecoded) {
        Throwable failure = notDecoded.failure() instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : notDecoded.failure();
        if (failure instanceof ClipLimitException) {
            return refuse("clip.limit", failure.getMessage(), false);
        }
        if (failure instanceof VideoException) {
            return refuse("clip.unreadable", failure.getMessage(), failure instanceof ClipFetchException);
        }
        getContext()
                .getLog()
                .error("{} failed while it was decoded", medium.source().name(), failure);
        return refuse("internal", failure.toString(), true);
    }

    private Behavior<Command> refuse(String code, String reason, boolean retriable) {
        parent.tell(new NotSeen(index, code, reason, retriable));
        return Behaviors.stopped();
    }

    private static Duration since(long nanoTime) {
        return Duration.ofNanos(System.nanoTime() - nanoTime);
    }
}
