package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.util.ByteString;
import io.kinora.actors.metrics.ServingMetrics;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** Computes one job of its {@link DecoderHost} at a time, and hears nothing meanwhile: a job's {@link Stop} is how it is interrupted. */
final class DecoderWorker extends AbstractBehavior<DecoderWorker.Work> {
    /** A job to be computed now. Never leaves the process. */
    record Work(RenderJob job, Duration waited, Stop stop, ActorRef<DecoderHost.Event> replyTo) {}

    /** Says whether and why a job is to stop; safe from any thread. */
    interface Stop {
        /** The reason, once there is one. */
        Optional<DecoderHost.Failure> reason();
    }

    private final ClipDecoder decoder;
    private final ActorRef<DecoderHost.Command> host;
    private final ServingMetrics metrics;

    private DecoderWorker(
            ActorContext<Work> context, ClipDecoder decoder, ActorRef<DecoderHost.Command> host, ServingMetrics metrics) {
        super(context);
        this.decoder = decoder;
        this.host = host;
        this.metrics = metrics;
    }

    static Behavior<Work> create(
            Supplier<ClipDecoder> load, ActorRef<DecoderHost.Command> host, ServingMetrics metrics) {
        return Behaviors.setup(context -> {
            ClipDecoder decoder;
            try {
                decoder = load.get();
            } catch (RuntimeException e) {
                context.getLog().error("no decoder can be loaded", e);
                host.tell(new DecoderHost.NotLoaded(String.valueOf(e.getMessage())));
                return Behaviors.empty(); // the host answers for it
            }
            host.tell(new DecoderHost.Ready());
            return new DecoderWorker(context, decoder, host, metrics);
        });
    }

    @Override
    public Receive<Work> createReceive() {
        return newReceiveBuilder()
                .onMessage(Work.class, this::onWork)
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    private Behavior<Work> onWork(Work work) {
        RenderJob job = work.job();
        long started = System.nanoTime();
        String outcome = "succeeded";
        try {
            ClipDecoder.Result result = decoder.decode(job, new Reporting(work, metrics));
            work.replyTo()
                    .tell(new DecoderHost.Rendered(
                            job.id(), result.files(), result.made().afterWaiting(work.waited())));
        } catch (NotRenderedException e) {
            DecoderHost.Failure failure = work.stop().reason().orElse(e.failure());
            outcome = failure.name().toLowerCase(Locale.ROOT);
            work.replyTo().tell(new DecoderHost.NotRendered(job.id(), failure, String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            outcome = "broken";
            getContext().getLog().error("job {} failed", job.id(), e);
            work.replyTo()
                    .tell(new DecoderHost.NotRendered(
                            job.id(), DecoderHost.Failure.BROKEN, String.valueOf(e.getMessage())));
        } finally {
            job.close();
        }
        metrics.jobEnded(outcome, Duration.ofNanos(System.nanoTime() - started));
        host.tell(new DecoderHost.Done(job.id()));
        return this;
    }

    private Behavior<Work> onPostStop() {
        decoder.close();
        return this;
    }

    private static final class Reporting implements ClipDecoder.Progress {
        private final Work work;
        private final ServingMetrics metrics;
        private long last = System.nanoTime();

        Reporting(Work work, ServingMetrics metrics) {
            this.work = work;
            this.metrics = metrics;
        }

        @Override
        public void stepped(int done, int total) {
            long now = System.nanoTime();
            metrics.denoised(Duration.ofNanos(now - last));
            last = now;
            work.replyTo().tell(new DecoderHost.Stepped(work.job().id(), done, total));
        }

        @Override
        public void previewed(int done, Supplier<ByteString> picture) {
            work.replyTo().tell(new DecoderHost.Previewed(work.job().id(), done, picture.get()));
        }

        @Override
        public boolean isStopped() {
            return work.stop().reason().isPresent();
        }
    }
}
