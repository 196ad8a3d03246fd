package io.kinora.actors.session;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The sessions of a node that belongs to no cluster: starts an entity when it is asked something, and keeps back what comes while one ends. */
final class SessionDesk extends AbstractBehavior<SessionDesk.Command> {
    /** What the desk is told. */
    sealed interface Command {}

    /** Something for a session. */
    record Deliver(String id, SessionEntity.Command message) implements Command {}

    private record Passivate(String id) implements Command {}

    private record Ended(String id) implements Command {}

    private final SessionTools tools;
    private final Map<String, ActorRef<SessionEntity.Command>> entities = new HashMap<>();
    private final Map<String, List<SessionEntity.Command>> ending = new HashMap<>();

    private SessionDesk(ActorContext<Command> context, SessionTools tools) {
        super(context);
        this.tools = tools;
    }

    static Behavior<Command> create(SessionTools tools) {
        return Behaviors.setup(context -> new SessionDesk(context, tools));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Deliver.class, deliver -> {
                    deliver(deliver.id(), deliver.message());
                    return this;
                })
                .onMessage(Passivate.class, this::onPassivate)
                .onMessage(Ended.class, this::onEnded)
                .build();
    }

    private void deliver(String id, SessionEntity.Command message) {
        if (ending.containsKey(id)) {
            ending.get(id).add(message);
        } else {
            entities.computeIfAbsent(id, this::start).tell(message);
        }
    }

    private ActorRef<SessionEntity.Command> start(String id) {
        ActorRef<SessionEntity.Command> entity = getContext()
                .spawnAnonymous(SessionEntity.create(
                        id, tools, self -> getContext().getSelf().tell(new Passivate(id))));
        getContext().watchWith(entity, new Ended(id));
        return entity;
    }

    private Behavior<Command> onPassivate(Passivate passivate) {
        if (entities.containsKey(passivate.id()) && !ending.containsKey(passivate.id())) {
            ending.put(passivate.id(), new ArrayList<>());
            entities.get(passivate.id()).tell(new SessionEntity.Stop());
        }
        return this;
    }

    private Behavior<Command> onEnded(Ended ended) {
        entities.remove(ended.id());
        List<SessionEntity.Command> kept = ending.remove(ended.id());
        if (kept != null) {
            kept.forEach(message -> deliver(ended.id(), message));
        }
        return this;
    }
}
