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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Computes the jobs that its {@link DecoderHost} gives it, all together, one step a message: between two steps others may join, and what was stopped
 * leaves.
 */
final class DecoderWorker extends AbstractBehavior<DecoderWorker.Command> {
    /** What a worker is told. */
    sealed interface Command {}

    /** A job to be computed from now on. Never leaves the process. */
    record Work(RenderJob job, Duration waited, Stop stop, ActorRef<DecoderHost.Event> replyTo) implements Command {}

    private record Step() implements Command {}

    /** Says whether and why a job is to stop; safe from any thread. */
    interface Stop {
        /** The reason, once there is one. */
        Optional<DecoderHost.Failure> reason();
    }

    private record Running(Work work, ClipDecoder.Rendering rendering, long sinceNanos) {}

    private final ClipDecoder decoder;
    private final long resultBytes;
    private final ActorRef<DecoderHost.Command> host;
    private final ServingMetrics metrics;
    private final List<Running> running = new ArrayList<>();

    private DecoderWorker(
            ActorContext<Command> context,
            ClipDecoder decoder,
            long resultBytes,
            ActorRef<DecoderHost.Command> host,
            ServingMetrics metrics) {
        super(context);
        this.decoder = decoder;
        this.resultBytes = resultBytes;
        this.host = host;
        this.metrics = metrics;
    }

    static Behavior<Command> create(
            Supplier<ClipDecoder> load, long resultBytes, ActorRef<DecoderHost.Command> host, ServingMetrics metrics) {
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
            return new DecoderWorker(context, decoder, resultBytes, host, metrics);
        });
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Work.class, this::onWork)
                .onMessage(Step.class, step -> onStep())
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    private Behavior<Command> onWork(Work work) {
        long now = System.nanoTime();
        try {
            int room = running.size() + decoder.room(work.job());
            running.add(new Running(work, decoder.begin(work.job(), new Reporting(work, metrics)), now));
            getContext().getLog().info("job {} begins", work.job().id());
            host.tell(new DecoderHost.Began(work.job().id(), room));
            if (running.size() == 1) {
                getContext().getSelf().tell(new Step());
            }
        } catch (RuntimeException e) {
            end(work, now, failed(work, e));
        }
        return this;
    }

    private Behavior<Command> onStep() {
        try {
            decoder.step(running.stream().map(Running::rendering).toList());
        } catch (RuntimeException e) {
            running.forEach(job -> {
                job.rendering().close();
                end(job.work(), job.sinceNanos(), failed(job.work(), e));
            });
            running.clear();
        }
        List<Running> over =
                running.stream().filter(job -> !job.rendering().isDenoising()).toList();
        running.removeAll(over);
        over.forEach(this::finish);
        if (!running.isEmpty()) {
            getContext().getSelf().tell(new Step());
        }
        return this;
    }

    private void finish(Running job) {
        DecoderHost.Event last;
        try (ClipDecoder.Rendering rendering = job.rendering()) {
            ClipDecoder.Result result = checked(rendering.finish());
            last = new DecoderHost.Rendered(
                    job.work().job().id(),
                    result.files(),
                    result.made().afterWaiting(job.work().waited()));
        } catch (RuntimeException e) {
            last = failed(job.work(), e);
        }
        end(job.work(), job.sinceNanos(), last);
    }

    private ClipDecoder.Result checked(ClipDecoder.Result result) {
        long bytes = result.files().stream().mapToLong(ByteString::size).sum();
        if (bytes > resultBytes) {
            throw new NotRenderedException(
                    DecoderHost.Failure.TOO_LARGE,
                    "what was made has %d bytes; at most %d can be sent between nodes (kinora.cluster.largest-message)"
                            .formatted(bytes, resultBytes));
        }
        return result;
    }

    private DecoderHost.NotRendered failed(Work work, RuntimeException failure) {
        String id = work.job().id();
        if (failure instanceof NotRenderedException expected) {
            return new DecoderHost.NotRendered(
                    id, work.stop().reason().orElse(expected.failure()), String.valueOf(failure.getMessage()));
        }
        getContext().getLog().error("job {} failed", id, failure);
        return new DecoderHost.NotRendered(id, DecoderHost.Failure.BROKEN, String.valueOf(failure.getMessage()));
    }

    private void end(Work work, long sinceNanos, DecoderHost.Event last) {
        work.job().close();
        String outcome = last instanceof DecoderHost.NotRendered failed
                ? failed.failure().name().toLowerCase(Locale.ROOT)
                : "succeeded";
        metrics.jobEnded(outcome, Duration.ofNanos(System.nanoTime() - sinceNanos));
        work.replyTo().tell(last);
        host.tell(new DecoderHost.Done(work.job().id()));
    }

    private Behavior<Command> onPostStop() {
        running.forEach(job -> {
            String id = job.work().job().id();
            job.rendering().close();
            job.work().job().close();
            job.work()
                    .replyTo()
                    .tell(new DecoderHost.NotRendered(id, DecoderHost.Failure.CANCELLED, "the decoder was stopped"));
        });
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
