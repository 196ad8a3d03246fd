package io.kinora.actors.answer;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Takes questions about clips, and gives each a session of its own. */
public final class AnswerDesk extends AbstractBehavior<AnswerDesk.Command> {
    /** What the desk is asked. */
    public sealed interface Command {}

    /** A question; its events go to {@code replyTo}. A second question of the same id joins no session: it is refused. */
    public record Ask(AnswerRequest request, ActorRef<AnswerEvent> replyTo) implements Command {}

    /** Gives a question up, for the one who asked it; an unknown id, or another's, is no error. */
    public record Cancel(String questionId, ActorRef<AnswerEvent> asker) implements Command {}

    private record SessionEnded(String questionId) implements Command {}

    private record Running(ActorRef<AnswerSession.Command> session, ActorRef<AnswerEvent> asker) {}

    private final ClipModel model;
    private final Map<String, Running> sessions = new HashMap<>();

    private AnswerDesk(ActorContext<Command> context, ClipModel model) {
        super(context);
        this.model = model;
    }

    /** A desk whose questions one model answers. */
    public static Behavior<Command> create(ClipModel model) {
        return Behaviors.setup(context -> new AnswerDesk(context, model));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Ask.class, this::onAsk)
                .onMessage(Cancel.class, this::onCancel)
                .onMessage(SessionEnded.class, this::onSessionEnded)
                .build();
    }

    private Behavior<Command> onAsk(Ask ask) {
        String id = ask.request().id();
        if (sessions.containsKey(id)) {
            ask.replyTo()
                    .tell(new AnswerEvent.NotAnswered(
                            id, "duplicate", "question %s is being answered".formatted(id), true));
            return this;
        }
        ActorRef<AnswerSession.Command> session =
                getContext().spawnAnonymous(AnswerSession.create(ask.request(), model, ask.replyTo()));
        getContext().watchWith(session, new SessionEnded(id));
        sessions.put(id, new Running(session, ask.replyTo()));
        return this;
    }

    private Behavior<Command> onCancel(Cancel cancel) {
        Optional.ofNullable(sessions.get(cancel.questionId()))
                .filter(running -> running.asker().equals(cancel.asker()))
                .ifPresent(running -> running.session().tell(new AnswerSession.Cancel()));
        return this;
    }

    private Behavior<Command> onSessionEnded(SessionEnded ended) {
        sessions.remove(ended.questionId());
        return this;
    }
}
