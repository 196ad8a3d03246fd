package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.receptionist.ServiceKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Where the stages of a language model are: children of its actor, or on nodes of the cluster that have room for them. */
public abstract sealed class Stages {
    private Stages() {}

    /**
     * Children of the language model.
     *
     * @param loads reads the weights of each stage, first to last
     * @param props the dispatcher that gives each stage its thread
     */
    public static Stages here(List<Supplier<LanguageModelStage>> loads, Props props) {
        if (loads.isEmpty()) {
            throw new IllegalArgumentException("a language model has at least one stage");
        }
        return new Here(loads, props);
    }

    /**
     * On nodes of the cluster, as many as there are and are of use; they move when a node is lost, or comes.
     *
     * @param count how many stages
     * @param places where there is room for them
     * @param patience how long a step may take
     */
    public static Stages onNodes(int count, ServiceKey<StagePlace.Command> places, Duration patience) {
        if (count < 1) {
            throw new IllegalArgumentException("a language model has at least one stage, not %d".formatted(count));
        }
        return new OnNodes(count, places, patience);
    }

    /** How many there are: each tells the language model when it has started for the first time. */
    abstract int count();

    /** Starts them; the language model hears if one of them ends for good. What is told to the first reaches all. */
    abstract ActorRef<StageHost.Command> start(ActorContext<LanguageModel.Command> languageModel);

    private static final class Here extends Stages {
        private final List<Supplier<LanguageModelStage>> loads;
        private final Props props;

        Here(List<Supplier<LanguageModelStage>> loads, Props props) {
            this.loads = List.copyOf(loads);
            this.props = props;
        }

        @Override
        int count() {
            return loads.size();
        }

        @Override
        ActorRef<StageHost.Command> start(ActorContext<LanguageModel.Command> languageModel) {
            ActorRef<StageHost.Command> first = start(languageModel, loads.size() - 1, Optional.empty());
            for (int i = loads.size() - 2; i >= 0; i--) {
                first = start(languageModel, i, Optional.of(first));
            }
            return first;
        }

        private ActorRef<StageHost.Command> start(
                ActorContext<LanguageModel.Command> languageModel,
                int index,
                Optional<ActorRef<StageHost.Command>> next) {
            ActorRef<StageHost.Command> stage = languageModel.spawn(
                    StageHost.create(index, loads.get(index), next, languageModel.getSelf()), "stage-" + index, props);
            languageModel.watch(stage);
            return stage;
        }
    }

    private static final class OnNodes extends Stages {
        private final int count;
        private final ServiceKey<StagePlace.Command> places;
        private final Duration patience;

        OnNodes(int count, ServiceKey<StagePlace.Command> places, Duration patience) {
            this.count = count;
            this.places = places;
            this.patience = patience;
        }

        @Override
        int count() {
            return count;
        }

        @Override
        ActorRef<StageHost.Command> start(ActorContext<LanguageModel.Command> languageModel) {
            ActorRef<StageHost.Command> rows =
                    languageModel.spawn(StageRows.create(count, places, languageModel.getSelf(), patience), "stages");
            languageModel.watch(rows);
            return rows;
        }
    }
}
