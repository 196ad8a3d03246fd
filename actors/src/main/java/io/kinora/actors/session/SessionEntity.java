package io.kinora.actors.session;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.util.ByteString;
import io.kinora.actors.serialization.KryoMessage;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.ClipTarget;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.Session;
import io.kinora.kafka.record.SessionTurn;
import io.kinora.kafka.record.WireJson;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One conversation: answers its questions one after the other, each with what was said before, and keeps every turn before it tells the answer.
 *
 * <p>A question that was answered before gets the answer that is kept; one that is being answered gets that answer, too. So whoever does not hear of an
 * answer asks again. A turn that could not be kept ends the entity: the next one reads what is kept.
 */
public final class SessionEntity extends AbstractBehavior<SessionEntity.Command> {
    /** What a session is asked. */
    public sealed interface Command {}

    /**
     * A question. It travels as the JSON of its topic, so that nodes of different versions understand each other.
     *
     * @param question its body
     * @param target what its key names, where the body names no clip
     * @param trace of its record
     */
    public record Ask(ByteString question, Optional<String> target, TraceContext trace, ActorRef<Reply> replyTo)
            implements Command, KryoMessage {
        static Ask of(Question question, TraceContext trace, ActorRef<Reply> replyTo) {
            return new Ask(
                    ByteString.fromArrayUnsafe(WireJson.write(question)),
                    question.clip() instanceof ClipTarget.Named named
                            ? Optional.of(named.clipOrStream())
                            : Optional.empty(),
                    trace,
                    replyTo);
        }

        Question read() {
            Question.Body body = WireJson.read(question.toArray(), Question.Body.class);
            return body.resolve(body.id().orElseThrow(), target);
        }
    }

    /**
     * Forgets the conversation.
     *
     * @param request tells this wish from a later one
     */
    public record Forget(String request, ActorRef<Reply> replyTo) implements Command, KryoMessage {}

    /** Forgets the conversation if its time is over. */
    public record Expire() implements Command, KryoMessage {}

    /** Ends the entity, once what it was asked is done. */
    public record Stop() implements Command, KryoMessage {}

    /** What a session says. */
    public sealed interface Reply extends KryoMessage {}

    /** The answer, in the JSON of its topic. */
    public record Answered(ByteString answer) implements Reply {
        Answer read() {
            return WireJson.read(answer.toArray(), Answer.class);
        }
    }

    /** It is forgotten. */
    public record Forgotten() implements Reply {}

    /** Not now. */
    public record TryAgain(String reason) implements Reply {}

    private record Opened(SessionStore.Kept kept) implements Command {}

    private record Failed(String what, Throwable failure) implements Command {}

    private record Found(Answer answer) implements Command {}

    private record Saved(Session session, Answer answer) implements Command {}

    private record Gone() implements Command {}

    private record Idle() implements Command {}

    /**
     * What waits, and who waits for it.
     *
     * @param request the question's id, or the wish to forget
     * @param question empty where the conversation is to be forgotten
     */
    private record Waiting(
            String request, Optional<Question> question, TraceContext trace, List<ActorRef<Reply>> askers) {}

    private static final int MOST_WAITING = 64;
    private static final String FORGET = "forget ";

    private final String id;
    private final SessionTools tools;
    private final Consumer<ActorRef<Command>> passivate;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private Optional<SessionStore.Kept> kept = Optional.empty();
    private Optional<Session> session = Optional.empty();
    private Optional<Waiting> current = Optional.empty();
    private Optional<String> forgotten = Optional.empty(); // the last wish that was granted: it may come again
    private boolean stopping;

    private SessionEntity(
            ActorContext<Command> context, String id, SessionTools tools, Consumer<ActorRef<Command>> passivate) {
        super(context);
        this.id = id;
        this.tools = tools;
        this.passivate = passivate;
        context.setReceiveTimeout(tools.settings().idle(), new Idle());
        later(tools.store().open(id), "opened", Opened::new);
    }

    /**
     * The entity of a session, which it takes over.
     *
     * @param passivate asks whoever started it for {@link Stop}, keeping back what comes meanwhile
     */
    static Behavior<Command> create(String id, SessionTools tools, Consumer<ActorRef<Command>> passivate) {
        return Behaviors.setup(context -> new SessionEntity(context, id, tools, passivate));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Ask.class, this::onAsk)
                .onMessage(Forget.class, this::onForget)
                .onMessage(Expire.class, expire -> {
                    waiting.add(new Waiting("", Optional.empty(), TraceContext.NONE, List.of()));
                    return next();
                })
                .onMessage(Opened.class, this::onOpened)
                .onMessage(Found.class, this::onFound)
                .onMessage(Saved.class, this::onSaved)
                .onMessage(Gone.class, gone -> onGone())
                .onMessage(Failed.class, this::onFailed)
                .onMessage(Idle.class, idle -> onIdle())
                .onMessage(Stop.class, stop -> {
                    stopping = true;
                    return next();
                })
                .build();
    }

    private Behavior<Command> onAsk(Ask ask) {
        Question question = ask.read();
        return enter(question.id(), Optional.of(question), ask.trace(), ask.replyTo());
    }

    private Behavior<Command> onForget(Forget forget) {
        return enter(FORGET + forget.request(), Optional.empty(), TraceContext.NONE, forget.replyTo());
    }

    private Behavior<Command> enter(
            String request, Optional<Question> question, TraceContext trace, ActorRef<Reply> asker) {
        Optional<Waiting> same = Stream.concat(current.stream(), waiting.stream())
                .filter(asked -> asked.request().equals(request))
                .findFirst();
        if (same.isPresent()) {
            same.get().askers().add(asker);
            return this;
        }
        if (waiting.size() >= MOST_WAITING) {
            asker.tell(new TryAgain("%d questions of session %s wait".formatted(MOST_WAITING, id)));
            return this;
        }
        waiting.add(new Waiting(request, question, trace, new ArrayList<>(List.of(asker))));
        return next();
    }

    private Behavior<Command> onOpened(Opened opened) {
        kept = Optional.of(opened.kept());
        session = opened.kept().session();
        return next();
    }

    /** Begins what waits longest, if nothing is being done. */
    private Behavior<Command> next() {
        if (kept.isEmpty() || current.isPresent()) {
            return this;
        }
        Optional<Waiting> first = Optional.ofNullable(waiting.poll());
        if (first.isEmpty()) {
            return stopping ? Behaviors.stopped() : this;
        }
        current = first;
        Optional<Question> question = first.get().question();
        if (question.isEmpty()) {
            return forget(first.get());
        }
        Optional<Session> before = session.filter(known -> !known.isExpired(now()));
        Optional<Answer> answered =
                before.flatMap(known -> known.answerTo(question.get().id()));
        if (answered.isPresent()) {
            return answered(answered.get());
        }
        later(tools.answers().answer(before, question.get(), first.get().trace()), "answered", Found::new);
        return this;
    }

    private Behavior<Command> forget(Waiting wish) {
        boolean wanted = wish.askers().isEmpty()
                ? session.filter(known -> known.isExpired(now())).isPresent()
                : session.isPresent() && !forgotten.equals(Optional.of(wish.request()));
        if (wanted) {
            later(kept.orElseThrow().forget(), "forgotten", done -> new Gone());
            return this;
        }
        return granted();
    }

    private Behavior<Command> onGone() {
        session = Optional.empty();
        return granted();
    }

    private Behavior<Command> granted() {
        Waiting wish = finished();
        forgotten = Optional.of(wish.request());
        wish.askers().forEach(asker -> asker.tell(new Forgotten()));
        return next();
    }

    private Behavior<Command> onFound(Found found) {
        Answer answer = found.answer();
        if (answer.error().isPresent()) {
            return answered(answer); // what has no answer is no turn
        }
        Question question = current.flatMap(Waiting::question).orElseThrow();
        SessionTurn turn = new SessionTurn(question.text(), question.frames(), answer);
        Instant now = now();
        Session continued = session.filter(known -> !known.isExpired(now))
                .map(known -> known.followedBy(turn, now, tools.settings().keep()))
                .orElseGet(() -> Session.begin(id, turn, now, tools.settings().keep()));
        later(kept.orElseThrow().save(continued), "kept", done -> new Saved(continued, answer));
        return this;
    }

    private Behavior<Command> onSaved(Saved saved) {
        session = Optional.of(saved.session());
        return answered(saved.answer());
    }

    private Behavior<Command> answered(Answer answer) {
        Answered reply = new Answered(ByteString.fromArrayUnsafe(WireJson.write(answer)));
        finished().askers().forEach(asker -> asker.tell(reply));
        return next();
    }

    private Waiting finished() {
        Waiting done = current.orElseThrow();
        current = Optional.empty();
        return done;
    }

    private Behavior<Command> onFailed(Failed failed) {
        getContext().getLog().warn("session {} could not be {}", id, failed.what(), failed.failure());
        TryAgain reply = new TryAgain("session %s could not be %s: %s".formatted(id, failed.what(), failed.failure()));
        current.ifPresent(asked -> asked.askers().forEach(asker -> asker.tell(reply)));
        waiting.forEach(asked -> asked.askers().forEach(asker -> asker.tell(reply)));
        return Behaviors.stopped();
    }

    private Behavior<Command> onIdle() {
        if (current.isEmpty() && waiting.isEmpty() && !stopping) {
            passivate.accept(getContext().getSelf());
        }
        return this;
    }

    private <T> void later(CompletionStage<T> stage, String what, Function<T, Command> done) {
        getContext()
                .pipeToSelf(stage, (value, failure) -> failure == null ? done.apply(value) : new Failed(what, failure));
    }

    private Instant now() {
        return tools.clock().instant();
    }
}
