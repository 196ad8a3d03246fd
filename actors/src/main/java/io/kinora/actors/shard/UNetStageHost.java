package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kinora.actors.serialization.KryoMessage;
import io.kinora.decoder.pipeline.UNetStage;
import io.kinora.decoder.unet.UNetState;
import io.kinora.decoder.unet.UNetTask;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A run of a U-Net's stages with its device and its thread. Hands what it computes to the stage behind it; the last one hands it to the
 * {@link CutUNet}. A restart loses nothing but what is computed at that moment, which the network has computed again.
 */
public final class UNetStageHost extends AbstractBehavior<UNetStageHost.Command> {
    /** What a stage is told. */
    public sealed interface Command extends KryoMessage {}

    /**
     * Computes a step.
     *
     * @param call echoed by the last stage
     * @param state what the stages before made of the sample; the receiver's
     */
    public record Run(long call, UNetTask task, int step, UNetState state) implements Command {}

    /** Forgets what was made ready for a task. */
    public record Forget(long task) implements Command {}

    /** Fails, as a broken device would: for drills. */
    public record Crash(String reason) implements Command {}

    private static final int MOST_RESTARTS = 3;
    private static final Duration RESTARTS_WITHIN = Duration.ofMinutes(1);

    private final int index;
    private final UNetStage stage;
    private final Optional<ActorRef<Command>> next;
    private final ActorRef<CutUNet.Command> network;

    private UNetStageHost(
            ActorContext<Command> context,
            int index,
            UNetStage stage,
            Optional<ActorRef<Command>> next,
            ActorRef<CutUNet.Command> network) {
        super(context);
        this.index = index;
        this.stage = stage;
        this.next = next;
        this.network = network;
    }

    /**
     * Loads a stage and serves it.
     *
     * @param index its place in the row, from 0
     * @param load reads its weights; runs at start and again after a failure
     * @param next the stage behind it; empty for the last
     */
    static Behavior<Command> create(
            int index, Supplier<UNetStage> load, Optional<ActorRef<Command>> next, ActorRef<CutUNet.Command> network) {
        Behavior<Command> host = Behaviors.setup(context -> {
            UNetStage stage = load.get();
            network.tell(new CutUNet.StageStarted(index));
            return new UNetStageHost(context, index, stage, next, network);
        });
        return Behaviors.supervise(host)
                .onFailure(SupervisorStrategy.restart().withLimit(MOST_RESTARTS, RESTARTS_WITHIN));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Run.class, this::onRun)
                .onMessage(Forget.class, this::onForget)
                .onMessage(Crash.class, this::onCrash)
                .onSignal(PreRestart.class, signal -> release())
                .onSignal(PostStop.class, signal -> release())
                .build();
    }

    private Behavior<Command> onRun(Run run) {
        try {
            UNetState state = stage.forward(run.task(), run.step(), run.state());
            if (next.isPresent()) {
                next.get().tell(new Run(run.call(), run.task(), run.step(), state));
            } else {
                network.tell(new CutUNet.CallDone(run.call(), state));
            }
        } catch (RuntimeException e) {
            getContext().getLog().error("stage {} failed in step {}", index, run.step(), e);
            network.tell(new CutUNet.CallFailed(run.call(), index, String.valueOf(e.getMessage())));
        }
        return this;
    }

    private Behavior<Command> onForget(Forget forget) {
        stage.forget(forget.task());
        next.ifPresent(behind -> behind.tell(forget));
        return this;
    }

    private Behavior<Command> onCrash(Crash crash) {
        throw new IllegalStateException(crash.reason());
    }

    private Behavior<Command> release() {
        stage.close();
        return this;
    }
}
