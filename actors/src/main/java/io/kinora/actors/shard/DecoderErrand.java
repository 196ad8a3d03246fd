package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * One job on its way to a decoder of the cluster and back. Keeps what the job is made from, so that it can begin anew elsewhere; what a decoder says that it has
 * been taken from reaches nobody.
 */
final class DecoderErrand extends AbstractBehavior<DecoderErrand.Command> {
    /** What an errand is told. */
    sealed interface Command {}

    /** There is a place for the job. */
    record GoTo(ActorRef<DecoderHost.Command> decoder) implements Command {}

    /** There is no place for the job any more. */
    record Wait() implements Command {}

    /** Nobody wants it any more. */
    record Cancel() implements Command {}

    private record Told(DecoderHost.Event event) implements Command {}

    private record Late() implements Command {}

    private record AskerGone() implements Command {}

    /** @param id of the job there: several nodes' jobs meet at a decoder */
    private record Attempt(String id, ActorRef<DecoderHost.Command> decoder) {}

    private final RenderJob job;
    private final ActorRef<DecoderHost.Event> asker;
    private final ActorRef<DecoderHost.Event> events;
    private final ActorRef<RemoteDecoder.Command> remote;
    private Optional<Attempt> attempt = Optional.empty();
    private boolean cancelled;

    private DecoderErrand(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            DecoderHost.Render render,
            ActorRef<RemoteDecoder.Command> remote,
            Clock clock) {
        super(context);
        this.job = render.job();
        this.asker = render.replyTo();
        this.remote = remote;
        this.events = context.messageAdapter(DecoderHost.Event.class, Told::new);
        context.watchWith(asker, new AskerGone());
        job.deadline().ifPresent(deadline -> {
            Duration left = Duration.between(clock.instant(), deadline);
            timers.startSingleTimer(new Late(), left.isNegative() ? Duration.ZERO : left);
        });
    }

    static Behavior<Command> create(DecoderHost.Render render, ActorRef<RemoteDecoder.Command> remote, Clock clock) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new DecoderErrand(context, timers, render, remote, clock)));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(GoTo.class, this::onGoTo)
                .onMessage(Wait.class, message -> onWait())
                .onMessage(Cancel.class, message -> onCancel())
                .onMessage(Late.class, message -> onLate())
                .onMessage(AskerGone.class, gone -> onAskerGone())
                .onMessage(Told.class, this::onTold)
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    private Behavior<Command> onGoTo(GoTo place) {
        attempt.ifPresent(lost -> getContext()
                .getLog()
                .info(
                        "job {} begins anew: the decoder at {} is gone",
                        job.id(),
                        lost.decoder().path().address()));
        if (cancelled) {
            return cancelledWhileItWaited();
        }
        Attempt next = new Attempt(UUID.randomUUID().toString(), place.decoder());
        attempt = Optional.of(next);
        next.decoder().tell(new DecoderHost.Render(job.copiedAs(next.id()), events));
        return this;
    }

    private Behavior<Command> onWait() {
        attempt = Optional.empty();
        return cancelled ? cancelledWhileItWaited() : this;
    }

    private Behavior<Command> onCancel() {
        cancelled = true;
        if (attempt.isEmpty()) {
            return cancelledWhileItWaited();
        }
        attempt.get().decoder().tell(new DecoderHost.Cancel(attempt.get().id()));
        return this;
    }

    private Behavior<Command> cancelledWhileItWaited() {
        return refuse(DecoderHost.Failure.CANCELLED, "it was cancelled while it waited");
    }

    /** A decoder minds the deadline of what it has by itself. */
    private Behavior<Command> onLate() {
        return attempt.isEmpty() ? refuse(DecoderHost.Failure.LATE, "its deadline has passed") : this;
    }

    private Behavior<Command> onAskerGone() {
        attempt.ifPresent(there -> there.decoder().tell(new DecoderHost.Cancel(there.id())));
        return Behaviors.stopped();
    }

    private Behavior<Command> refuse(DecoderHost.Failure failure, String reason) {
        asker.tell(new DecoderHost.NotRendered(job.id(), failure, reason));
        return Behaviors.stopped();
    }

    private Behavior<Command> onTold(Told told) {
        DecoderHost.Event event = told.event();
        if (attempt.filter(there -> there.id().equals(event.jobId())).isEmpty()) {
            return this;
        }
        if (event instanceof DecoderHost.Stepped step) {
            asker.tell(new DecoderHost.Stepped(job.id(), step.done(), step.total()));
            return this;
        }
        if (event instanceof DecoderHost.Previewed preview) {
            asker.tell(new DecoderHost.Previewed(job.id(), preview.step(), preview.picture()));
            return this;
        }
        if (event instanceof DecoderHost.NotRendered failed) {
            return onNotRendered(failed);
        }
        DecoderHost.Rendered rendered = (DecoderHost.Rendered) event;
        asker.tell(new DecoderHost.Rendered(job.id(), rendered.files(), rendered.made()));
        return Behaviors.stopped();
    }

    /** A decoder that cancels what nobody cancelled is stopping. */
    private Behavior<Command> onNotRendered(DecoderHost.NotRendered failed) {
        if (failed.failure() == DecoderHost.Failure.CANCELLED && !cancelled) {
            remote.tell(new RemoteDecoder.Left(attempt.orElseThrow().decoder()));
            return this;
        }
        return refuse(failed.failure(), failed.reason());
    }

    private Behavior<Command> onPostStop() {
        job.close();
        return this;
    }
}
