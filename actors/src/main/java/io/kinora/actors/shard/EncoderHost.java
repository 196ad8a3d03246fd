package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.serialization.KryoMessage;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A visual encoder on a thread of its own. What it encoded is kept by key, within a number of bytes, so that a clip that is asked about again is
 * neither decoded nor encoded again.
 */
public final class EncoderHost extends AbstractBehavior<EncoderHost.Command> {
    /** What an encoder is asked. */
    public sealed interface Command extends KryoMessage {}

    /**
     * Asks for what is kept under a key. Answered with {@link Encoded}, or with {@link NotKept}: then the asker is expected to bring the frames, and whoever
     * asks for the same meanwhile waits for them; if it stops without, the next one is asked to bring them.
     */
    public record Find(String key, ActorRef<Reply> replyTo) implements Command {}

    /** What pixels show. */
    public enum Kind implements KryoMessage {
        /** Frames of one clip. */
        FRAMES,
        /** Still pictures. */
        STILLS,
        /** Pieces of one sound. */
        SOUNDS
    }

    /**
     * Encodes frames and keeps the result.
     *
     * @param key the same for the same frames: a hash of the clip and of how it was sampled
     * @param kind what the frames are
     * @param frames {@link io.kinora.tensor.DType#U8} {@code [n, size, size, 3]}; owned by the encoder from now on
     * @param timestamps of the frames, kept beside their embeddings
     */
    public record Encode(String key, Kind kind, Tensor frames, List<Duration> timestamps, ActorRef<Reply> replyTo)
            implements Command {
        /** Takes a copy. */
        public Encode {
            timestamps = List.copyOf(timestamps);
        }
    }

    /** Asks for the embeddings of a picture that shows nothing, {@code [1, n, visual width]}. */
    public record EncodeNothing(ActorRef<Reply> replyTo) implements Command {}

    /** What an encoder answers. */
    public sealed interface Reply extends KryoMessage {
        /** What it is about. */
        String key();
    }

    /**
     * Embeddings of frames.
     *
     * @param embeddings {@code [frames, n, visual width]}; owned by the receiver
     * @param reused whether they were kept from before
     */
    public record Encoded(String key, Tensor embeddings, List<Duration> timestamps, boolean reused) implements Reply {
        /** Takes a copy. */
        public Encoded {
            timestamps = List.copyOf(timestamps);
        }
    }

    /** Nothing is kept under the key, and nobody else is bringing it. */
    public record NotKept(String key) implements Reply {}

    /** There are no embeddings. */
    public sealed interface NotEncoded extends Reply {
        /** Why, in words. */
        String reason();
    }

    /** The frames could not be encoded. */
    public record EncodeFailed(String key, String reason) implements NotEncoded {}

    /** The encoder was stopped or started again before the frames came that were waited for: asking again may help. */
    public record Abandoned(String key) implements NotEncoded {
        @Override
        public String reason() {
            return "the encoder was stopped or started again";
        }
    }

    private static final String NOTHING = "nothing";
    private static final int MOST_RESTARTS = 3;
    private static final Duration RESTARTS_WITHIN = Duration.ofMinutes(1);

    private final FrameEncoder encoder;
    private final ServingMetrics metrics;
    private final EmbeddingCache cache;
    private final AwaitedKeys<ActorRef<Reply>> awaited = new AwaitedKeys<>();

    private EncoderHost(ActorContext<Command> context, FrameEncoder encoder, long cacheBytes, ServingMetrics metrics) {
        super(context);
        this.encoder = encoder;
        this.metrics = metrics;
        this.cache = new EmbeddingCache(cacheBytes);
    }

    /**
     * Loads an encoder and serves it.
     *
     * @param load reads its weights; runs at start and again after a failure
     * @param cacheBytes most bytes of embeddings that are kept
     * @param metrics hears of what was found and what was encoded
     */
    public static Behavior<Command> create(Supplier<FrameEncoder> load, long cacheBytes, ServingMetrics metrics) {
        Behavior<Command> host = Behaviors.setup(context -> new EncoderHost(context, load.get(), cacheBytes, metrics));
        return Behaviors.supervise(host)
                .onFailure(SupervisorStrategy.restart().withLimit(MOST_RESTARTS, RESTARTS_WITHIN));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Find.class, this::onFind)
                .onMessage(Encode.class, this::onEncode)
                .onMessage(EncodeNothing.class, this::onEncodeNothing)
                .onSignal(Terminated.class, this::onAskerGone)
                .onSignal(PreRestart.class, signal -> release())
                .onSignal(PostStop.class, signal -> release())
                .build();
    }

    private Behavior<Command> onFind(Find find) {
        Optional<EmbeddingCache.Entry> kept = cache.find(find.key());
        metrics.embeddingsAsked(kept.isPresent() || awaited.isAwaited(find.key()));
        if (kept.isPresent()) {
            find.replyTo().tell(reply(find.key(), kept.get(), true));
        } else {
            getContext().watch(find.replyTo());
            if (awaited.ask(find.key(), find.replyTo())) {
                find.replyTo().tell(new NotKept(find.key()));
            }
        }
        return this;
    }

    private Behavior<Command> onAskerGone(Terminated gone) {
        awaited.leave(gone.getRef().<Reply>unsafeUpcast()).forEach((key, next) -> next.tell(new NotKept(key)));
        return this;
    }

    private Behavior<Command> onEncode(Encode encode) {
        try (Tensor frames = encode.frames();
                Scope scope = encoder.engine().scope()) {
            Optional<EmbeddingCache.Entry> kept = cache.find(encode.key());
            if (kept.isEmpty()) {
                long started = System.nanoTime();
                Tensor embeddings = scope.detach(
                        switch (encode.kind()) {
                            case FRAMES -> encoder.encodeFrames(frames);
                            case STILLS -> encoder.encodeStills(frames);
                            case SOUNDS -> encoder.encodeSounds(frames);
                        });
                cache.keep(encode.key(), embeddings, encode.timestamps());
                encode.replyTo().tell(new Encoded(encode.key(), copyOf(embeddings), encode.timestamps(), false));
                metrics.clipEncoded((int) frames.dim(0), Duration.ofNanos(System.nanoTime() - started));
            } else {
                encode.replyTo().tell(reply(encode.key(), kept.get(), true));
            }
            cache.find(encode.key()).ifPresent(entry -> serveOthers(encode, entry));
        } catch (RuntimeException e) {
            getContext().getLog().error("frames of {} could not be encoded", encode.key(), e);
            encode.replyTo().tell(new EncodeFailed(encode.key(), String.valueOf(e.getMessage())));
            awaited.leave(encode.replyTo()).forEach((key, next) -> next.tell(new NotKept(key)));
        }
        return this;
    }

    private void serveOthers(Encode encode, EmbeddingCache.Entry entry) {
        for (ActorRef<Reply> asker : awaited.come(encode.key())) {
            getContext().unwatch(asker);
            if (!asker.equals(encode.replyTo())) {
                asker.tell(reply(encode.key(), entry, true));
            }
        }
    }

    private Behavior<Command> onEncodeNothing(EncodeNothing message) {
        try (Scope scope = encoder.engine().scope()) {
            if (cache.find(NOTHING).isEmpty()) {
                cache.keep(NOTHING, scope.detach(encoder.encodeNothing()), List.of());
            }
            message.replyTo().tell(reply(NOTHING, cache.find(NOTHING).orElseThrow(), true));
        }
        return this;
    }

    private static Encoded reply(String key, EmbeddingCache.Entry entry, boolean reused) {
        return new Encoded(key, copyOf(entry.embeddings()), entry.timestamps(), reused);
    }

    private static Tensor copyOf(Tensor kept) {
        try (Scope scope = kept.engine().scope()) {
            return scope.detach(
                    kept.engine().zeros(kept.dtype(), kept.shape().toArray()).copyFrom(kept));
        }
    }

    private Behavior<Command> release() {
        awaited.abandon().forEach((key, askers) -> askers.forEach(asker -> asker.tell(new Abandoned(key))));
        cache.close();
        encoder.close();
        return this;
    }
}
