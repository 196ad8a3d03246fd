package io.kinora.actors.shard;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.Props;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.serialization.KryoMessage;
import io.kinora.decoder.pipeline.UNetStage;
import io.kinora.decoder.unet.UNetState;
import io.kinora.decoder.unet.UNetTask;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A U-Net whose stages lie in a row of {@link UNetStageHost}s, each with a device of its own. Calls follow each other through the row: while the second
 * stage computes one half of guidance, the first computes the other.
 *
 * <p>A call that a stage's death or failure cuts short is made again from its sample, which comes to the same numbers; an answer to the earlier attempt
 * that still arrives is dropped. After {@value #MOST_ATTEMPTS} attempts, or once a stage is gone for good, the call fails.
 */
public final class CutUNet extends AbstractBehavior<CutUNet.Command> {
    /** What a network is asked. */
    public sealed interface Command extends KryoMessage {}

    /**
     * Predicts the noise in a sample; the answer is {@link Predicted} or {@link NotPredicted}.
     *
     * @param sample the asker's, and alive until the answer
     */
    public record Predict(UNetTask task, int step, Tensor sample, ActorRef<Event> replyTo) implements Command {}

    /** Forgets what was made ready for a task of which nothing is under way. */
    public record Forget(long task) implements Command {}

    /** From a stage: it has loaded its weights, for the first time or again. */
    public record StageStarted(int stage) implements Command {}

    /** From the last stage: what a call gave. */
    public record CallDone(long call, UNetState state) implements Command {}

    /** From a stage: a call went no further. */
    public record CallFailed(long call, int stage, String reason) implements Command {}

    /** What comes of a call. */
    public sealed interface Event extends KryoMessage {}

    /** The prediction; the receiver's. */
    public record Predicted(Tensor noise) implements Event {}

    /** There is none. */
    public record NotPredicted(String reason) implements Event {}

    private static final int MOST_ATTEMPTS = 3;

    private record Call(Predict predict, int attempts) {}

    private final ServingMetrics metrics;
    private final CompletableFuture<Done> ended;
    private final List<ActorRef<UNetStageHost.Command>> stages;
    private final Set<Integer> started = new HashSet<>();
    private final Map<Long, Call> calls = new LinkedHashMap<>();
    private Optional<String> gone = Optional.empty();
    private long lastCall;

    private CutUNet(
            ActorContext<Command> context,
            List<Supplier<UNetStage>> loads,
            Props stageProps,
            ServingMetrics metrics,
            CompletableFuture<Done> ended) {
        super(context);
        this.metrics = metrics;
        this.ended = ended;
        List<ActorRef<UNetStageHost.Command>> row = new ArrayList<>();
        for (int i = loads.size() - 1; i >= 0; i--) {
            Optional<ActorRef<UNetStageHost.Command>> next = row.isEmpty() ? Optional.empty() : Optional.of(row.get(0));
            ActorRef<UNetStageHost.Command> stage = context.spawn(
                    UNetStageHost.create(i, loads.get(i), next, context.getSelf()), "stage-" + i, stageProps);
            context.watch(stage);
            row.add(0, stage);
        }
        this.stages = List.copyOf(row);
    }

    /**
     * A network whose stages are its children.
     *
     * @param loads reads the weights of each stage, first to last
     * @param stageProps the dispatcher that gives each stage its thread
     * @param metrics hears of restarts
     * @param ended completed when this actor has stopped and answers nobody any more
     */
    public static Behavior<Command> create(
            List<Supplier<UNetStage>> loads, Props stageProps, ServingMetrics metrics, CompletableFuture<Done> ended) {
        if (loads.isEmpty()) {
            throw new IllegalArgumentException("a U-Net has at least one stage");
        }
        return Behaviors.setup(context -> new CutUNet(context, loads, stageProps, metrics, ended));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Predict.class, this::onPredict)
                .onMessage(Forget.class, this::onForget)
                .onMessage(StageStarted.class, this::onStageStarted)
                .onMessage(CallDone.class, this::onCallDone)
                .onMessage(CallFailed.class, this::onCallFailed)
                .onSignal(Terminated.class, this::onStageLost)
                .onSignal(PostStop.class, signal -> onPostStop())
                .build();
    }

    private Behavior<Command> onPredict(Predict predict) {
        if (gone.isPresent()) {
            predict.replyTo().tell(new NotPredicted(gone.get()));
        } else {
            start(new Call(predict, 1));
        }
        return this;
    }

    /** Calls that come before all stages have started wait in {@code calls}. */
    private void start(Call call) {
        calls.put(++lastCall, call);
        if (started.size() == stages.size()) {
            send(lastCall, call.predict());
        }
    }

    private void send(long number, Predict predict) {
        stages.get(0).tell(new UNetStageHost.Run(number, predict.task(), predict.step(), state(predict.sample())));
    }

    /** A copy: the stages free what they are given, and the sample may be needed once more. */
    private static UNetState state(Tensor sample) {
        Engine engine = sample.engine();
        try (Scope scope = engine.scope()) {
            return UNetState.of(engine.cat(List.of(sample), 0)).detached(scope);
        }
    }

    private Behavior<Command> onStageStarted(StageStarted stage) {
        if (!started.add(stage.stage())) {
            metrics.stageRestarted();
            getContext().getLog().warn("stage {} was restarted; its calls are made again", stage.stage());
            List.copyOf(calls.keySet()).forEach(call -> again(call, "stage %d died".formatted(stage.stage())));
        } else if (started.size() == stages.size()) {
            calls.forEach((number, call) -> send(number, call.predict()));
        }
        return this;
    }

    private Behavior<Command> onCallDone(CallDone done) {
        Optional<Call> call = Optional.ofNullable(calls.remove(done.call()));
        try (UNetState state = done.state()) {
            call.ifPresent(known -> known.predict()
                    .replyTo()
                    .tell(new Predicted(
                            prediction(state, known.predict().sample().rank()))));
        }
        return this;
    }

    private static Tensor prediction(UNetState state, int rank) {
        Engine engine = state.hidden().engine();
        try (Scope scope = engine.scope()) {
            return scope.detach(engine.cat(List.of(state.prediction(rank)), 0)); // outlives the state
        }
    }

    private Behavior<Command> onCallFailed(CallFailed failed) {
        again(failed.call(), "stage %d failed: %s".formatted(failed.stage(), failed.reason()));
        return this;
    }

    private void again(long number, String reason) {
        Optional.ofNullable(calls.remove(number)).ifPresent(call -> {
            if (call.attempts() < MOST_ATTEMPTS) {
                start(new Call(call.predict(), call.attempts() + 1));
            } else {
                call.predict().replyTo().tell(new NotPredicted(reason));
            }
        });
    }

    private Behavior<Command> onForget(Forget forget) {
        stages.get(0).tell(new UNetStageHost.Forget(forget.task()));
        return this;
    }

    private Behavior<Command> onStageLost(Terminated lost) {
        String reason = "%s of the U-Net is gone".formatted(lost.getRef().path().name());
        gone = Optional.of(reason);
        failAll(reason);
        return this;
    }

    private Behavior<Command> onPostStop() {
        failAll("the U-Net was stopped");
        ended.complete(Done.getInstance());
        return this;
    }

    private void failAll(String reason) {
        calls.values().forEach(call -> call.predict().replyTo().tell(new NotPredicted(reason)));
        calls.clear();
    }
}
