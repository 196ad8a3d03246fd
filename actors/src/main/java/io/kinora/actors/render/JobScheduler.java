package io.kinora.actors.render;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Says which job of a node is next: all that wait stand in one queue, whoever keeps them, and tenants share the decoder fairly. A few are let in at
 * once, so that the decoder finds the next one ready.
 */
public final class JobScheduler extends AbstractBehavior<JobScheduler.Command> {
    /** What a scheduler is told. */
    public sealed interface Command {}

    /**
     * A job waits.
     *
     * @param tenant who shares
     * @param priority among the tenant's own
     * @param cost of the work, in any unit that is the same for all
     * @param owner is told when it may start
     */
    public record Enqueue(String jobId, String tenant, int priority, double cost, ActorRef<Turn> owner)
            implements Command {}

    /** A job no longer waits, or has ended; an unknown id is no error. */
    public record Leave(String jobId) implements Command {}

    private record OwnerGone(ActorRef<Turn> owner) implements Command {}

    /** It is this job's turn; {@link Leave} says when it is over. */
    public record Turn(String jobId) {}

    private final int atOnce;
    private final FairQueue<Enqueue> waiting;
    private final Map<String, ActorRef<Turn>> running = new HashMap<>();

    private JobScheduler(ActorContext<Command> context, int atOnce, Map<String, Double> weights) {
        super(context);
        this.atOnce = atOnce;
        this.waiting = new FairQueue<>(tenant -> weights.getOrDefault(tenant, 1.0));
    }

    /**
     * A scheduler.
     *
     * @param atOnce jobs that are let in at once
     * @param weights shares of tenants whose share is not 1
     */
    public static Behavior<Command> create(int atOnce, Map<String, Double> weights) {
        return Behaviors.setup(context -> new JobScheduler(context, atOnce, Map.copyOf(weights)));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Enqueue.class, this::onEnqueue)
                .onMessage(Leave.class, this::onLeave)
                .onMessage(OwnerGone.class, this::onOwnerGone)
                .build();
    }

    private Behavior<Command> onEnqueue(Enqueue job) {
        getContext().watchWith(job.owner(), new OwnerGone(job.owner()));
        waiting.add(job.tenant(), job.priority(), job.cost(), job);
        letIn();
        return this;
    }

    private Behavior<Command> onLeave(Leave leave) {
        waiting.remove(job -> job.jobId().equals(leave.jobId()));
        running.remove(leave.jobId());
        letIn();
        return this;
    }

    private Behavior<Command> onOwnerGone(OwnerGone gone) {
        waiting.remove(job -> job.owner().equals(gone.owner()));
        running.values().removeIf(gone.owner()::equals);
        letIn();
        return this;
    }

    private void letIn() {
        for (Optional<Enqueue> next = next(); next.isPresent(); next = next()) {
            running.put(next.get().jobId(), next.get().owner());
            next.get().owner().tell(new Turn(next.get().jobId()));
        }
    }

    private Optional<Enqueue> next() {
        return running.size() < atOnce ? waiting.take() : Optional.empty();
    }
}
