package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.Props;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.util.ByteString;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.serialization.KryoMessage;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A diffusion decoder: takes jobs by priority, reports every denoising step, and stops within one step when a job is cancelled or late. Jobs of the same
 * shape as those that run join them between two steps, as long as the device has room and nothing of another shape is before them. The computation runs in
 * a {@link DecoderWorker} on a thread of its own, so that this actor always listens.
 */
public final class DecoderHost extends AbstractBehavior<DecoderHost.Command> {
    /** What a decoder is asked. */
    public sealed interface Command extends KryoMessage {}

    /** Makes a clip; the last {@link Event} is {@link Rendered} or {@link NotRendered}. */
    public record Render(RenderJob job, ActorRef<Event> replyTo) implements Command {}

    /** Gives a job up; an unknown id is no error. */
    public record Cancel(String jobId) implements Command {}

    /** From the worker: it has loaded its weights. */
    public record Ready() implements Command {}

    /** From the worker: it cannot load its weights, and never will. */
    public record NotLoaded(String reason) implements Command {}

    /** From the worker: a job has begun; so many of its shape fit into the device together. */
    public record Began(String jobId, int room) implements Command {}

    /** From the worker: a job is over. */
    public record Done(String jobId) implements Command {}

    /** What happens to a job. */
    public sealed interface Event extends KryoMessage {
        /** Which job it is about. */
        String jobId();
    }

    /** Denoising steps so far. */
    public record Stepped(String jobId, int done, int total) implements Event {}

    /**
     * What the result is going to look like.
     *
     * @param step denoising steps done
     * @param picture JPEG of some frames side by side, small
     */
    public record Previewed(String jobId, int step, ByteString picture) implements Event {}

    /**
     * The result.
     *
     * @param files one clip, or a picture of each frame
     */
    public record Rendered(String jobId, List<ByteString> files, RenderedAs made) implements Event {
        /** Takes a copy. */
        public Rendered {
            files = List.copyOf(files);
        }
    }

    /** There is no clip. */
    public record NotRendered(String jobId, Failure failure, String reason) implements Event {}

    /** Why there is no clip. */
    public enum Failure {
        /** Too many wait; later may help. */
        BUSY,
        /** The checkpoint cannot do what was asked. */
        INVALID,
        /** It would not fit into the device's memory. */
        TOO_LARGE,
        /** It was cancelled. */
        CANCELLED,
        /** Its deadline has passed. */
        LATE,
        /** The decoder is broken. */
        BROKEN,
        /** The checkpoint's weights cannot be loaded. */
        UNLOADED
    }

    /**
     * What a decoder takes and gives.
     *
     * @param waiting jobs that wait; the next one is refused
     * @param together most jobs that are computed together, where the device has room for them
     * @param resultBytes most bytes of a job's files
     */
    public record Bounds(int waiting, int together, long resultBytes) {}

    private static final int MOST_RESTARTS = 3;
    private static final Duration RESTARTS_WITHIN = Duration.ofMinutes(1);

    private record Waiting(long arrival, long sinceNanos, Render render) {}

    private record Running(Render render, AtomicBoolean cancelled) {}

    /** What jobs that are computed together have in common, as far as the host can tell. */
    private record Shape(Optional<Integer> frames, Optional<RenderSettings.Size> size) {
        static Shape of(RenderJob job) {
            return new Shape(job.settings().frames(), job.settings().size());
        }
    }

    private final ActorRef<DecoderWorker.Command> worker;
    private final Bounds bounds;
    private final Clock clock;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>(
            Comparator.comparingInt((Waiting next) -> -next.render().job().priority())
                    .thenComparingLong(Waiting::arrival));
    private final Map<String, Running> running = new LinkedHashMap<>();
    private Optional<String> unusable = Optional.empty();
    private boolean ready;
    private int room = 1;
    private long arrivals;

    private DecoderHost(
            ActorContext<Command> context, ActorRef<DecoderWorker.Command> worker, Bounds bounds, Clock clock) {
        super(context);
        this.worker = worker;
        this.bounds = bounds;
        this.clock = clock;
        context.watch(worker);
        context.spawn(endsJobs(closing), "end");
    }

    /** Stopped when its parent begins to stop, unlike the parent itself, which hears of its end only after its worker's. */
    private static Behavior<Void> endsJobs(AtomicBoolean closing) {
        return Behaviors.receive(Void.class)
                .onSignal(PostStop.class, signal -> {
                    closing.set(true);
                    return Behaviors.same();
                })
                .build();
    }

    /**
     * Loads a decoder and serves it.
     *
     * @param load reads its weights
     * @param workerProps the dispatcher that gives the computation its thread
     * @param metrics hears of steps and jobs
     */
    public static Behavior<Command> create(
            Supplier<ClipDecoder> load, Bounds bounds, Props workerProps, Clock clock, ServingMetrics metrics) {
        Behavior<Command> host = Behaviors.setup(context -> new DecoderHost(
                context,
                context.spawn(
                        DecoderWorker.create(load, bounds.resultBytes(), context.getSelf(), metrics),
                        "worker",
                        workerProps),
                bounds,
                clock));
        return Behaviors.supervise(host)
                .onFailure(SupervisorStrategy.restart().withLimit(MOST_RESTARTS, RESTARTS_WITHIN));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Render.class, this::onRender)
                .onMessage(Cancel.class, this::onCancel)
                .onMessage(Ready.class, message -> onReady())
                .onMessage(NotLoaded.class, this::onNotLoaded)
                .onMessage(Began.class, this::onBegan)
                .onMessage(Done.class, this::onDone)
                .onSignal(Terminated.class, this::onTerminated)
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    private Behavior<Command> onRender(Render render) {
        if (unusable.isPresent()) {
            refuse(render, Failure.UNLOADED, unusable.get());
        } else if (waiting.size() >= bounds.waiting()) {
            refuse(render, Failure.BUSY, "%d jobs already wait".formatted(bounds.waiting()));
        } else {
            getContext().watch(render.replyTo());
            waiting.add(new Waiting(++arrivals, System.nanoTime(), render));
            startNext();
        }
        return this;
    }

    private Behavior<Command> onCancel(Cancel cancel) {
        Optional.ofNullable(running.get(cancel.jobId()))
                .ifPresent(job -> job.cancelled().set(true));
        waiting.removeIf(next -> {
            boolean found = next.render().job().id().equals(cancel.jobId());
            if (found) {
                refuse(next.render(), Failure.CANCELLED, "it was cancelled while it waited");
            }
            return found;
        });
        return this;
    }

    private Behavior<Command> onReady() {
        ready = true;
        startNext();
        return this;
    }

    private Behavior<Command> onNotLoaded(NotLoaded failed) {
        unusable = Optional.of(failed.reason());
        waiting.forEach(next -> refuse(next.render(), Failure.UNLOADED, failed.reason()));
        waiting.clear();
        return this;
    }

    private Behavior<Command> onBegan(Began began) {
        room = began.room();
        startNext();
        return this;
    }

    private Behavior<Command> onDone(Done done) {
        Optional.ofNullable(running.remove(done.jobId()))
                .map(job -> job.render().replyTo())
                .ifPresent(this::leaveIfServed);
        startNext();
        return this;
    }

    private void leaveIfServed(ActorRef<Event> asker) {
        boolean asks = Stream.concat(
                        running.values().stream().map(Running::render),
                        waiting.stream().map(Waiting::render))
                .anyMatch(render -> render.replyTo().equals(asker));
        if (!asks) {
            getContext().unwatch(asker);
        }
    }

    private void startNext() {
        while (ready && !waiting.isEmpty()) {
            Waiting first = waiting.element();
            Render next = first.render();
            if (next.job().deadline().filter(clock.instant()::isAfter).isPresent()) {
                refuse(waiting.remove().render(), Failure.LATE, "its deadline has passed");
            } else if (running.isEmpty() || joins(next.job())) {
                waiting.remove();
                start(next, Duration.ofNanos(System.nanoTime() - first.sinceNanos()));
            } else {
                return;
            }
        }
    }

    /** Only what is next may join: otherwise those of a common shape would keep the others waiting for ever. */
    private boolean joins(RenderJob next) {
        return running.size() < Math.min(room, bounds.together())
                && running.values().stream()
                        .allMatch(job -> Shape.of(job.render().job()).equals(Shape.of(next)));
    }

    private void start(Render next, Duration waited) {
        if (running.isEmpty()) {
            room = 1; // until the worker says otherwise
        }
        AtomicBoolean cancelled = new AtomicBoolean();
        running.put(next.job().id(), new Running(next, cancelled));
        worker.tell(new DecoderWorker.Work(next.job(), waited, stop(next.job(), cancelled), next.replyTo()));
    }

    private DecoderWorker.Stop stop(RenderJob job, AtomicBoolean cancelled) {
        return () -> {
            if (cancelled.get() || closing.get()) {
                return Optional.of(Failure.CANCELLED);
            }
            return job.deadline()
                    .filter(deadline -> clock.instant().isAfter(deadline))
                    .map(late -> Failure.LATE);
        };
    }

    private static void refuse(Render render, Failure failure, String reason) {
        render.job().close();
        render.replyTo().tell(new NotRendered(render.job().id(), failure, reason));
    }

    /** Nobody waits any more for the jobs of an asker who has gone, or whose node is lost. */
    private Behavior<Command> onTerminated(Terminated gone) {
        if (gone.getRef().<DecoderWorker.Command>unsafeUpcast().equals(worker)) {
            return onWorkerLost();
        }
        ActorRef<Event> asker = gone.getRef().unsafeUpcast();
        running.values().stream()
                .filter(job -> asker.equals(job.render().replyTo()))
                .forEach(job -> job.cancelled().set(true));
        waiting.removeIf(next -> {
            boolean found = asker.equals(next.render().replyTo());
            if (found) {
                next.render().job().close();
            }
            return found;
        });
        return this;
    }

    private Behavior<Command> onWorkerLost() {
        running.values().forEach(job -> job.render()
                .replyTo()
                .tell(new NotRendered(job.render().job().id(), Failure.BROKEN, "the decoder is gone")));
        waiting.forEach(next -> refuse(next.render(), Failure.BROKEN, "the decoder is gone"));
        throw new IllegalStateException("the decoder's worker is gone");
    }

    private Behavior<Command> onPostStop() {
        waiting.forEach(next -> refuse(next.render(), Failure.CANCELLED, "the decoder was stopped"));
        return this;
    }
}
