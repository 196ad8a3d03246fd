package io.kinora.actors.pipeline;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.kinora.actors.render.JobScheduler;
import io.kinora.actors.render.RenderDesk;
import io.kinora.actors.render.RenderEvent;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.Prompt;
import io.kinora.kafka.record.WireError;
import io.kinora.kafka.transaction.Transaction;
import io.kinora.kafka.transaction.TransactionalWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Keeps the jobs of one partition of the prompts: the only one who writes their states, so that a job is a sequence of states and has one end.
 *
 * <p>A command is decided on what the jobs are now, the decision is applied at once and written in that order; whoever asked hears of it once it is
 * written. If it cannot be written for good the owner stops, and the next one begins with what the topic says. Its writer fences this one's before
 * it reads, so nothing is written behind its back: no job ends twice.
 */
final class JobOwner extends AbstractBehavior<JobOwner.Command> {
    /** What an owner is told. */
    sealed interface Command {}

    /** A record of the partition; {@code done} completes once it need not be read again. */
    record Handle(ConsumerRecord<byte[], byte[]> record, CompletableFuture<Done> done) implements Command {}

    /** The partition goes to another owner: what is being written is still written. */
    record Stop() implements Command {}

    private record Written(Optional<Throwable> failure) implements Command {}

    private record WriteAgain() implements Command {}

    private record MyTurn(String jobId) implements Command {}

    private record Rendered(RenderEvent event) implements Command {}

    private record ClipFound(String jobId, Optional<ClipFetcher.Fetched> clip) implements Command {}

    private record Lost(String jobId, String code, Throwable failure) implements Command {}

    private record Packed(String jobId, GeneratedVideo video) implements Command {}

    private record Retry(String jobId) implements Command {}

    private record Tick() implements Command {}

    private static final int MOST_ATTEMPTS = 6;
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration TICK = Duration.ofMillis(250);

    private final JobTools tools;
    private final JobPartition partition;
    private final TransactionalWriter writer;
    private final TimerScheduler<Command> timers;
    private final JobTable table;
    private final JobCommands commands;
    private final JobJournal journal;
    private final JobStateWriter states;
    private final CompletableFuture<Done> ended;
    private final ActorRef<JobScheduler.Turn> turns;
    private final ActorRef<RenderEvent> renders;
    private Optional<Throwable> failure = Optional.empty();
    private boolean stopping;

    private JobOwner(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            JobTools tools,
            JobPartition partition,
            TransactionalWriter writer,
            JobTable table,
            CompletableFuture<Done> ended) {
        super(context);
        this.timers = timers;
        this.tools = tools;
        this.partition = partition;
        this.writer = writer;
        this.table = table;
        this.commands = new JobCommands(tools, partition, table);
        this.ended = ended;
        this.turns = context.messageAdapter(JobScheduler.Turn.class, turn -> new MyTurn(turn.jobId()));
        this.renders = context.messageAdapter(RenderEvent.class, Rendered::new);
        this.journal = new JobJournal(
                writer, this::write, delay -> timers.startSingleTimer("write-again", new WriteAgain(), delay));
        this.states = new JobStateWriter(tools, table, journal);
    }

    /**
     * An owner of a partition whose states have been read.
     *
     * @param writer open; the owner closes it
     * @param states of all jobs, as they were after the writer was opened
     * @param ended completes when the owner has stopped; fails if it stopped because of a failure
     */
    static Behavior<Command> create(
            JobTools tools,
            JobPartition partition,
            TransactionalWriter writer,
            Map<String, JobState> states,
            CompletableFuture<Done> ended) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            JobTable table = new JobTable(tools.keep());
            states.values().stream()
                    .filter(state -> partition.owns(state.jobId()))
                    .forEach(table::put);
            JobOwner owner = new JobOwner(context, timers, tools, partition, writer, table, ended);
            owner.resume();
            timers.startTimerWithFixedDelay(new Tick(), TICK);
            return owner;
        }));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Handle.class, this::onHandle)
                .onMessage(Written.class, this::onWritten)
                .onMessage(WriteAgain.class, message -> onWriteAgain())
                .onMessage(MyTurn.class, this::onMyTurn)
                .onMessage(Rendered.class, this::onRendered)
                .onMessage(ClipFound.class, this::onClipFound)
                .onMessage(Lost.class, this::onLost)
                .onMessage(Packed.class, this::onPacked)
                .onMessage(Retry.class, this::onRetry)
                .onMessage(Tick.class, message -> onTick())
                .onMessage(Stop.class, message -> onStop())
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    /** What was queued or in progress when the last owner ended begins again. */
    private void resume() {
        for (JobState state : table.unfinished()) {
            if (state.status() == JobState.Status.RUNNING) {
                states.save(state.requeued(now()), () -> enqueue(state.request()));
            } else {
                enqueue(state.request());
            }
        }
    }

    private void enqueue(Prompt.Generate request) {
        tools.scheduler().tell(JobWork.inLine(request, turns));
    }

    private Behavior<Command> onHandle(Handle handle) {
        if (stopping) {
            handle.done()
                    .completeExceptionally(new IllegalStateException("the owner of %s stops".formatted(partition)));
            return this;
        }
        JobCommands.Decision decision = commands.decide(handle.record());
        Transaction transaction = Transaction.of(decision.records())
                .consuming(Transaction.Consumed.upTo(
                        partition.group(), partition.input(), handle.record().offset()));
        long handled = System.nanoTime();
        journal.append(transaction, () -> false, () -> {
            decision.enqueue().ifPresent(this::enqueue);
            tools.metrics().recordCommitted("prompts", Duration.ofNanos(System.nanoTime() - handled));
            handle.done().complete(Done.getInstance());
        });
        decision.giveUp().ifPresent(this::giveUp);
        return this;
    }

    /** A job that waits leaves the queue; the turn of one that runs is over when its last event has come. */
    private void giveUp(String jobId) {
        if (table.isRunning(jobId)) {
            tools.desk().tell(new RenderDesk.Cancel(jobId, renders));
        } else {
            leave(jobId);
        }
    }

    private void leave(String jobId) {
        table.stopped(jobId);
        tools.scheduler().tell(new JobScheduler.Leave(jobId));
    }

    private Behavior<Command> onMyTurn(MyTurn turn) {
        Optional<JobState> state = stopping ? Optional.empty() : table.unfinished(turn.jobId());
        if (state.isEmpty()) {
            leave(turn.jobId());
            return this;
        }
        table.started(turn.jobId());
        Prompt.Generate request = state.get().request();
        if (request.source().isEmpty()) {
            render(request, Optional.empty());
        } else {
            getContext()
                    .pipeToSelf(
                            tools.clips().fetch(request.source().get().clip()),
                            (clip, lost) -> lost == null
                                    ? new ClipFound(turn.jobId(), clip)
                                    : new Lost(turn.jobId(), "clip.unread", cause(lost)));
        }
        return this;
    }

    private Behavior<Command> onClipFound(ClipFound found) {
        Optional<JobState> state = table.unfinished(found.jobId());
        if (state.isEmpty() || stopping) {
            leave(found.jobId());
        } else if (found.clip().isEmpty()) {
            fail(
                    state.get(),
                    "clip.unknown",
                    "no clip is known for "
                            + state.get().request().source().orElseThrow().clip());
        } else {
            table.startsFrom(found.jobId(), found.clip().get().reference());
            render(state.get().request(), found.clip());
        }
        return this;
    }

    private Behavior<Command> onLost(Lost lost) {
        table.unfinished(lost.jobId())
                .ifPresentOrElse(
                        state -> JobWork.lostForGood(lost.failure())
                                .ifPresentOrElse(
                                        code -> fail(
                                                state,
                                                code,
                                                String.valueOf(lost.failure().getMessage())),
                                        () -> retryOrFail(
                                                state,
                                                lost.code(),
                                                lost.failure().toString())),
                        () -> leave(lost.jobId()));
        return this;
    }

    private void render(Prompt.Generate request, Optional<ClipFetcher.Fetched> clip) {
        tools.desk().tell(new RenderDesk.Render(JobWork.request(request, clip, table.trace(request.jobId())), renders));
    }

    private Behavior<Command> onRendered(Rendered rendered) {
        RenderEvent event = rendered.event();
        if (event instanceof RenderEvent.Stepped stepped) {
            table.stepped(stepped.id(), stepped.done(), stepped.total());
        } else if (event instanceof RenderEvent.Previewed previewed) {
            table.previewed(previewed.id(), previewed.picture().toArray());
            states.report(now()); // a quick job has ended by the next tick, and was watched for this
        } else if (event instanceof RenderEvent.Made made) {
            table.unfinished(made.id()).ifPresentOrElse(state -> pack(state, made), () -> leave(made.id()));
        } else if (event instanceof RenderEvent.NotMade failed) {
            table.unfinished(failed.id()).ifPresentOrElse(state -> notMade(state, failed), () -> leave(failed.id()));
        }
        return this;
    }

    private void notMade(JobState state, RenderEvent.NotMade failed) {
        if (stopping) {
            leave(failed.id());
        } else if (failed.retriable()) {
            retryOrFail(state, failed.code(), failed.reason());
        } else {
            fail(state, failed.code(), failed.reason());
        }
    }

    private void retryOrFail(JobState state, String code, String reason) {
        int attempt = table.attempts(state.jobId());
        if (attempt >= MOST_ATTEMPTS) {
            fail(state, code, "%s, after %d attempts".formatted(reason, attempt));
            return;
        }
        leave(state.jobId());
        states.save(state.requeued(now()), () -> {});
        Duration wait = FIRST_RETRY.multipliedBy(1L << (attempt - 1));
        timers.startSingleTimer("retry " + state.jobId(), new Retry(state.jobId()), wait);
    }

    private Behavior<Command> onRetry(Retry retry) {
        table.unfinished(retry.jobId()).ifPresent(state -> enqueue(state.request()));
        return this;
    }

    private void fail(JobState state, String code, String reason) {
        states.save(table.end(state.failed(new WireError(code, reason), now())), () -> {});
        leave(state.jobId());
    }

    /** Puts the result's bytes where they belong: into the record, or a claim. */
    private void pack(JobState state, RenderEvent.Made made) {
        elsewhere(
                tools.blocking(),
                new ResultPacking(tools, state.request(), table.source(state.jobId()), made),
                video -> new Packed(state.jobId(), video),
                lost -> new Lost(state.jobId(), "result.unwritten", lost));
    }

    private Behavior<Command> onPacked(Packed packed) {
        Optional<JobState> state = table.unfinished(packed.jobId());
        leave(packed.jobId());
        if (state.isEmpty()) {
            return this;
        }
        JobResult result = new JobResult(tools, state.get(), packed.video(), table.trace(packed.jobId()));
        table.ending(packed.jobId()); // from here on nothing else can end it
        journal.append(result.transaction(), result::landed, () -> result.last().ifPresent(table::ended));
        return this;
    }

    private Behavior<Command> onTick() {
        if (stopping) {
            return this;
        }
        Instant now = now();
        table.late(now).forEach(state -> fail(state, "late", "its deadline has passed while it waited"));
        table.expired(now).forEach(states::forget);
        if (journal.isIdle()) { // the newest progress is all that counts: it waits for nothing
            states.report(now);
        }
        return this;
    }

    private void write(Runnable task) {
        elsewhere(
                tools.transactions(),
                () -> {
                    task.run();
                    return Done.getInstance();
                },
                done -> new Written(Optional.empty()),
                lost -> new Written(Optional.of(lost)));
    }

    private <T> void elsewhere(
            Executor executor, Supplier<T> task, Function<T, Command> done, Function<Throwable, Command> failed) {
        getContext()
                .pipeToSelf(
                        CompletableFuture.supplyAsync(task, executor),
                        (value, lost) -> lost == null ? done.apply(value) : failed.apply(cause(lost)));
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private Behavior<Command> onWritten(Written written) {
        Optional<Throwable> lost = journal.written(written.failure());
        if (lost.isPresent()) {
            failure = lost;
            return Behaviors.stopped();
        }
        return stopping && journal.isIdle() ? Behaviors.stopped() : this;
    }

    private Behavior<Command> onWriteAgain() {
        if (stopping) {
            return Behaviors.stopped(); // the next owner finds out what was written
        }
        journal.again();
        return this;
    }

    private Behavior<Command> onStop() {
        stopping = true;
        return journal.isIdle() ? Behaviors.stopped() : this;
    }

    private Behavior<Command> onPostStop() {
        table.endTraces();
        table.running().forEach(jobId -> tools.desk().tell(new RenderDesk.Cancel(jobId, renders)));
        writer.close();
        failure.ifPresentOrElse(ended::completeExceptionally, () -> ended.complete(Done.getInstance()));
        return this;
    }

    private Instant now() {
        return tools.clock().instant();
    }
}
