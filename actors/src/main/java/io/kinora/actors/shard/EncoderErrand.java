package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.metrics.ServingMetrics;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * What one asker wants of the encoders of other nodes, until it stops. An encoder that is lost takes the frames with it: the next one is asked whether
 * it keeps the embeddings, and if not, the asker brings the frames again.
 */
final class EncoderErrand extends AbstractBehavior<EncoderErrand.Command> {
    /** What an errand is told. */
    sealed interface Command {}

    /** From the asker. */
    record Asked(EncoderHost.Command message) implements Command {}

    /** The encoders that there are now. */
    record Encoders(Set<ActorRef<EncoderHost.Command>> encoders) implements Command {
        Encoders {
            encoders = Set.copyOf(encoders);
        }
    }

    private record Replied(EncoderHost.Reply reply) implements Command {}

    private record AskerGone() implements Command {}

    /** What an answer is waited for to: embeddings under a key, or those of nothing. */
    private record Question(Optional<String> key, boolean brought, long sinceNanos) {
        boolean isAnsweredBy(EncoderHost.Reply reply) {
            return key.isEmpty() || key.get().equals(reply.key());
        }
    }

    private final ActorRef<EncoderHost.Reply> asker;
    private final ActorRef<EncoderHost.Reply> replies;
    private final ServingMetrics metrics;
    private Set<ActorRef<EncoderHost.Command>> encoders;
    private Optional<ActorRef<EncoderHost.Command>> current = Optional.empty();
    private Optional<Question> open = Optional.empty();

    private EncoderErrand(
            ActorContext<Command> context,
            ActorRef<EncoderHost.Reply> asker,
            Set<ActorRef<EncoderHost.Command>> encoders,
            ServingMetrics metrics) {
        super(context);
        this.asker = asker;
        this.encoders = encoders;
        this.metrics = metrics;
        this.replies = context.messageAdapter(EncoderHost.Reply.class, Replied::new);
        context.watchWith(asker, new AskerGone());
    }

    static Behavior<Command> create(
            ActorRef<EncoderHost.Reply> asker, Set<ActorRef<EncoderHost.Command>> encoders, ServingMetrics metrics) {
        return Behaviors.setup(context -> new EncoderErrand(context, asker, encoders, metrics));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Asked.class, this::onAsked)
                .onMessage(Encoders.class, this::onEncoders)
                .onMessage(Replied.class, this::onReplied)
                .onMessage(AskerGone.class, gone -> Behaviors.stopped())
                .build();
    }

    private Behavior<Command> onAsked(Asked asked) {
        if (asked.message() instanceof EncoderHost.Encode encode) {
            bring(encode);
            return this;
        }
        Optional<String> key =
                asked.message() instanceof EncoderHost.Find find ? Optional.of(find.key()) : Optional.empty();
        open = Optional.of(new Question(key, false, System.nanoTime()));
        ask();
        return this;
    }

    /** Frames go to where the asker was told that they are missing; if nobody is there any more, they are asked for again. */
    private void bring(EncoderHost.Encode encode) {
        open = Optional.of(new Question(Optional.of(encode.key()), true, System.nanoTime()));
        if (current.isEmpty()) {
            current = place(encode.key());
        }
        if (current.isPresent()) {
            current.get()
                    .tell(new EncoderHost.Encode(
                            encode.key(), encode.kind(), encode.frames(), encode.timestamps(), replies));
        } else {
            encode.frames().close();
        }
    }

    private Behavior<Command> onEncoders(Encoders now) {
        encoders = now.encoders();
        if (current.filter(encoders::contains).isEmpty()) {
            current.ifPresent(lost -> getContext()
                    .getLog()
                    .info(
                            "the encoder at {} is gone: another one is asked",
                            lost.path().address()));
            current = Optional.empty();
            ask();
        }
        return this;
    }

    private void ask() {
        if (open.isEmpty()) {
            return; // the asker is about to bring frames
        }
        Question question = open.get();
        current = place(question.key().orElse(""));
        current.ifPresent(encoder -> encoder.tell(question.key()
                .<EncoderHost.Command>map(key -> new EncoderHost.Find(key, replies))
                .orElseGet(() -> new EncoderHost.EncodeNothing(replies))));
    }

    /** Every node that asks for a key asks the same encoder, so that embeddings are made and kept once; losing one moves its own keys only. */
    private Optional<ActorRef<EncoderHost.Command>> place(String key) {
        return encoders.stream().max(Comparator.comparingLong(encoder -> new SplittableRandom(31L * key.hashCode()
                        + encoder.path().toSerializationFormat().hashCode())
                .nextLong()));
    }

    private Behavior<Command> onReplied(Replied replied) {
        EncoderHost.Reply reply = replied.reply();
        if (reply instanceof EncoderHost.Abandoned) {
            // It is stopping: who else there is will be known in a moment.
            Optional<ActorRef<EncoderHost.Command>> left = current;
            encoders = encoders.stream()
                    .filter(encoder -> left.filter(encoder::equals).isEmpty())
                    .collect(Collectors.toUnmodifiableSet());
            ask();
            return this;
        }
        if (open.filter(question -> question.isAnsweredBy(reply)).isEmpty()) {
            if (reply instanceof EncoderHost.Encoded late) {
                late.embeddings().close();
            }
            return this;
        }
        count(reply);
        open = Optional.empty();
        asker.tell(reply);
        return this;
    }

    private void count(EncoderHost.Reply reply) {
        boolean brought = open.filter(Question::brought).isPresent();
        boolean keyed = open.flatMap(Question::key).isPresent();
        if (keyed && !brought) {
            metrics.embeddingsAsked(reply instanceof EncoderHost.Encoded);
        }
        if (brought && reply instanceof EncoderHost.Encoded encoded && !encoded.reused()) {
            metrics.clipEncoded(
                    (int) encoded.embeddings().dim(0),
                    Duration.ofNanos(System.nanoTime() - open.get().sinceNanos()));
        }
    }
}
