package io.kinora.actors.compose;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Takes instructions with media, and gives each a session of its own. Closes the generators when it stops. */
public final class ComposeDesk extends AbstractBehavior<ComposeDesk.Command> {
    /** What the desk is asked. */
    public sealed interface Command {}

    /** A request; its events go to {@code replyTo}. */
    public record Compose(ComposeRequest request, ActorRef<ComposeEvent> replyTo) implements Command {}

    /** Gives a request up, for the one who asked it; an unknown id, or another's, is no error. */
    public record Cancel(String requestId, ActorRef<ComposeEvent> asker) implements Command {}

    private record SessionEnded(String requestId) implements Command {}

    private final MediaModel model;
    private final Generators generators;

    private record Running(ActorRef<ComposeSession.Command> session, ActorRef<ComposeEvent> asker) {}

    private final Map<String, Running> sessions = new HashMap<>();

    private ComposeDesk(ActorContext<Command> context, MediaModel model, Generators generators) {
        super(context);
        this.model = model;
        this.generators = generators;
    }

    /** A desk whose requests one model understands, and these generators answer. */
    public static Behavior<Command> create(MediaModel model, Generators generators) {
        return Behaviors.setup(context -> new ComposeDesk(context, model, generators));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Compose.class, this::onCompose)
                .onMessage(Cancel.class, this::onCancel)
                .onMessage(SessionEnded.class, this::onSessionEnded)
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    private Behavior<Command> onCompose(Compose compose) {
        String id = compose.request().id();
        if (sessions.containsKey(id)) {
            compose.replyTo()
                    .tell(new ComposeEvent.NotUnderstood(
                            id, "duplicate", "request %s is in progress".formatted(id), true));
            return this;
        }
        ActorRef<ComposeSession.Command> session = getContext()
                .spawnAnonymous(ComposeSession.create(compose.request(), model, generators, compose.replyTo()));
        getContext().watchWith(session, new SessionEnded(id));
        sessions.put(id, new Running(session, compose.replyTo()));
        return this;
    }

    private Behavior<Command> onCancel(Cancel cancel) {
        Optional.ofNullable(sessions.get(cancel.requestId()))
                .filter(running -> running.asker().equals(cancel.asker()))
                .ifPresent(running -> running.session().tell(new ComposeSession.Cancel()));
        return this;
    }

    private Behavior<Command> onSessionEnded(SessionEnded ended) {
        sessions.remove(ended.requestId());
        return this;
    }

    private Behavior<Command> onPostStop() {
        generators.close();
        return this;
    }
}
