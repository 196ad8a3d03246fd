package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import io.kinora.actors.serialization.KryoMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** A node's room for stages of language models that are elsewhere in the cluster. A stage stays as long as the row that it is part of. */
public final class StagePlace extends AbstractBehavior<StagePlace.Command> {
    /** What a place is asked. */
    public sealed interface Command {}

    /**
     * Loads a stage and serves it.
     *
     * @param stage its place in the row, from 0
     * @param of how many stages the row has
     * @param next the stage behind it; empty for the last
     * @param languageModel is told what comes of it
     * @param row is told where it is, and keeps it
     */
    public record Host(
            int stage,
            int of,
            Optional<ActorRef<StageHost.Command>> next,
            ActorRef<LanguageModel.Command> languageModel,
            ActorRef<StageRow.Command> row)
            implements Command, KryoMessage {}

    private record RowGone(ActorRef<StageRow.Command> row) implements Command {}

    private final IntFunction<List<Supplier<LanguageModelStage>>> stages;
    private final Props props;
    private final Map<ActorRef<StageRow.Command>, List<ActorRef<StageHost.Command>>> hosted = new HashMap<>();

    private StagePlace(
            ActorContext<Command> context, IntFunction<List<Supplier<LanguageModelStage>>> stages, Props props) {
        super(context);
        this.stages = stages;
        this.props = props;
    }

    /** Which places have the weights of a checkpoint. */
    public static ServiceKey<Command> key(String revision) {
        return ServiceKey.create(Command.class, "stages-" + revision);
    }

    /**
     * A place that can be found under a key.
     *
     * @param stages reads the weights of each stage of a row of so many
     * @param props the dispatcher that gives each stage its thread
     */
    public static Behavior<Command> create(
            ServiceKey<Command> key, IntFunction<List<Supplier<LanguageModelStage>>> stages, Props props) {
        return Behaviors.setup(context -> {
            context.getSystem().receptionist().tell(Receptionist.register(key, context.getSelf()));
            return new StagePlace(context, stages, props);
        });
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Host.class, this::onHost)
                .onMessage(RowGone.class, this::onRowGone)
                .build();
    }

    private Behavior<Command> onHost(Host host) {
        ActorRef<StageHost.Command> stage = getContext()
                .spawnAnonymous(
                        StageHost.create(
                                host.stage(),
                                stages.apply(host.of()).get(host.stage()),
                                host.next(),
                                host.languageModel()),
                        props);
        List<ActorRef<StageHost.Command>> ofRow = hosted.computeIfAbsent(host.row(), row -> {
            getContext().watchWith(row, new RowGone(row));
            return new ArrayList<>();
        });
        ofRow.add(stage);
        getContext()
                .getLog()
                .info(
                        "stage {} of {} is here, for {}",
                        host.stage(),
                        host.of(),
                        host.row().path().address());
        host.row().tell(new StageRow.Hosted(host.stage(), stage));
        return this;
    }

    private Behavior<Command> onRowGone(RowGone gone) {
        Optional.ofNullable(hosted.remove(gone.row())).ifPresent(stages -> stages.forEach(getContext()::stop));
        return this;
    }
}
