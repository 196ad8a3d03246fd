package io.kinora.actors.session;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.actor.typed.Scheduler;
import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.japi.function.Function;
import akka.pattern.Patterns;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.Question;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** All sessions, wherever in the cluster they are. Thread-safe. */
public final class Sessions {
    /** After this long without a reply the same is asked again: the session may have moved to another node. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final EntityTypeKey<SessionEntity.Command> SESSION =
            EntityTypeKey.create(SessionEntity.Command.class, "Session");

    private final ActorSystem<?> system;
    private final Way way;

    private Sessions(ActorSystem<?> system, Way way) {
        this.system = system;
        this.way = way;
    }

    /** How messages reach a session. */
    private interface Way {
        void tell(String id, SessionEntity.Command message);

        CompletionStage<SessionEntity.Reply> ask(
                String id, Function<ActorRef<SessionEntity.Reply>, SessionEntity.Command> message);
    }

    private record Local(ActorRef<SessionDesk.Command> desk, Scheduler scheduler) implements Way {
        @Override
        public void tell(String id, SessionEntity.Command message) {
            desk.tell(new SessionDesk.Deliver(id, message));
        }

        @Override
        public CompletionStage<SessionEntity.Reply> ask(
                String id, Function<ActorRef<SessionEntity.Reply>, SessionEntity.Command> message) {
            return AskPattern.ask(
                    desk, replyTo -> new SessionDesk.Deliver(id, message.apply(replyTo)), PATIENCE, scheduler);
        }
    }

    private record Sharded(ClusterSharding sharding) implements Way {
        @Override
        public void tell(String id, SessionEntity.Command message) {
            sharding.entityRefFor(SESSION, id).tell(message);
        }

        @Override
        public CompletionStage<SessionEntity.Reply> ask(
                String id, Function<ActorRef<SessionEntity.Reply>, SessionEntity.Command> message) {
            return sharding.entityRefFor(SESSION, id).ask(message, PATIENCE);
        }
    }

    /** Sessions of this node alone. */
    public static Sessions local(ActorSystem<?> system, SessionTools tools) {
        ActorRef<SessionDesk.Command> desk =
                system.systemActorOf(SessionDesk.create(tools), "sessions-" + UUID.randomUUID(), Props.empty());
        return new Sessions(system, new Local(desk, system.scheduler()));
    }

    /**
     * Sessions that are spread over the nodes of a role, each on one of them: a session's questions meet the cache of its clips.
     *
     * @param role of the nodes that answer
     */
    public static Sessions sharded(ActorSystem<?> system, SessionTools tools, String role) {
        ClusterSharding sharding = ClusterSharding.get(system);
        sharding.init(Entity.of(
                        SESSION,
                        context -> SessionEntity.create(context.getEntityId(), tools, self -> context.getShard()
                                .tell(new ClusterSharding.Passivate<>(self))))
                .withRole(role)
                .withStopMessage(new SessionEntity.Stop()));
        return new Sessions(system, new Sharded(sharding));
    }

    /**
     * Asks a question of a session, until there is an answer.
     *
     * @throws IllegalArgumentException if the question belongs to no session
     */
    public CompletionStage<Answer> ask(Question question, TraceContext trace) {
        String id = question.session().orElseThrow(() -> new IllegalArgumentException("question of no session"));
        return until(id, replyTo -> SessionEntity.Ask.of(question, trace, replyTo))
                .thenApply(reply -> ((SessionEntity.Answered) reply).read());
    }

    /**
     * Forgets a session; one that is not there is forgotten already.
     *
     * @param request tells this wish from a later one
     */
    public CompletionStage<Done> forget(String id, String request) {
        return until(id, replyTo -> new SessionEntity.Forget(request, replyTo)).thenApply(reply -> Done.getInstance());
    }

    /** Has a session forgotten if its time is over. */
    public void expire(String id) {
        way.tell(id, new SessionEntity.Expire());
    }

    private CompletionStage<SessionEntity.Reply> until(
            String id, Function<ActorRef<SessionEntity.Reply>, SessionEntity.Command> message) {
        return way.ask(id, message)
                .handle((reply, failure) -> {
                    if (failure != null && !(cause(failure) instanceof TimeoutException)) {
                        return CompletableFuture.<SessionEntity.Reply>failedStage(cause(failure));
                    }
                    if (failure != null) {
                        return until(id, message);
                    }
                    return reply instanceof SessionEntity.TryAgain
                            ? Patterns.after(PAUSE, system.classicSystem(), () -> until(id, message))
                            : CompletableFuture.completedStage(reply);
                })
                .thenCompose(stage -> stage);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
