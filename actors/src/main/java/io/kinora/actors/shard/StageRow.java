package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import io.kinora.actors.serialization.KryoMessage;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stages on other nodes, from the moment they are placed until one of them is lost: between them and the {@link LanguageModel}, so that what a lost row still
 * says reaches nobody. Its places keep the stages as long as it lives.
 */
public final class StageRow extends AbstractBehavior<StageRow.Command> {
    /** What a row is told. */
    public sealed interface Command {}

    /** From a place: a stage is there, and loads. */
    public record Hosted(int stage, ActorRef<StageHost.Command> host) implements Command, KryoMessage {}

    /** For the first stage. */
    record Pass(StageHost.Command message) implements Command {}

    private record Told(LanguageModel.Command message) implements Command {}

    private record Gone(int stage) implements Command {}

    private record Overdue(String what, Optional<ActorRef<StagePlace.Command>> place) implements Command {}

    private static final String WAITING = "waiting";

    private final TimerScheduler<Command> timers;
    private final List<ActorRef<StagePlace.Command>> places;
    private final ActorRef<StageRows.Command> rows;
    private final ActorRef<LanguageModel.Command> languageModel;
    private final ActorRef<LanguageModel.Command> told;
    private final Duration patience;
    private final Map<Integer, ActorRef<StageHost.Command>> hosts = new HashMap<>();
    private final Map<Integer, Long> started = new HashMap<>();
    private long awaited;

    private StageRow(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            List<ActorRef<StagePlace.Command>> places,
            ActorRef<StageRows.Command> rows,
            ActorRef<LanguageModel.Command> languageModel,
            Duration patience) {
        super(context);
        this.timers = timers;
        this.places = List.copyOf(places);
        this.rows = rows;
        this.languageModel = languageModel;
        this.patience = patience;
        this.told = context.messageAdapter(LanguageModel.Command.class, Told::new);
        place(places.size() - 1, Optional.empty());
    }

    /**
     * A row that is placed now, its last stage first.
     *
     * @param places where each stage goes
     * @param rows is told when the row is ready, and when it is lost
     * @param languageModel is told what comes of the steps
     * @param patience how long a step may take
     */
    static Behavior<Command> create(
            List<ActorRef<StagePlace.Command>> places,
            ActorRef<StageRows.Command> rows,
            ActorRef<LanguageModel.Command> languageModel,
            Duration patience) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new StageRow(context, timers, places, rows, languageModel, patience)));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Hosted.class, this::onHosted)
                .onMessage(Told.class, this::onTold)
                .onMessage(Pass.class, this::onPass)
                .onMessage(
                        Gone.class,
                        gone -> lost("stage %d is gone".formatted(gone.stage()), Optional.of(places.get(gone.stage()))))
                .onMessage(Overdue.class, overdue -> lost(overdue.what(), overdue.place()))
                .build();
    }

    private void place(int stage, Optional<ActorRef<StageHost.Command>> next) {
        waitFor("stage %d was not placed".formatted(stage), Optional.of(places.get(stage)));
        places.get(stage)
                .tell(new StagePlace.Host(
                        stage, places.size(), next, told, getContext().getSelf()));
    }

    /** Loading takes as long as it takes; everything else is lost if it takes too long. */
    private void waitFor(String what, Optional<ActorRef<StagePlace.Command>> place) {
        timers.startSingleTimer(
                WAITING, new Overdue("%s within %d s".formatted(what, patience.toSeconds()), place), patience);
    }

    private Behavior<Command> onHosted(Hosted hosted) {
        timers.cancel(WAITING);
        hosts.put(hosted.stage(), hosted.host());
        getContext().watchWith(hosted.host(), new Gone(hosted.stage()));
        if (hosted.stage() > 0) {
            place(hosted.stage() - 1, Optional.of(hosted.host()));
        }
        tellIfReady();
        return this;
    }

    private Behavior<Command> onTold(Told told) {
        if (told.message() instanceof LanguageModel.StageStarted start && !isReady()) {
            started.put(start.stage(), start.cachePositions());
            tellIfReady();
            return this;
        }
        // A step that was given up may still come back; the one that is waited for may not.
        if (stepOf(told.message()).filter(step -> step == awaited).isPresent()) {
            timers.cancel(WAITING);
        }
        languageModel.tell(told.message());
        return this;
    }

    private static Optional<Long> stepOf(LanguageModel.Command message) {
        if (message instanceof LanguageModel.StepDone done) {
            return Optional.of(done.step());
        }
        return message instanceof LanguageModel.StepFailed failed ? Optional.of(failed.step()) : Optional.empty();
    }

    /** Where a stage is and that it has loaded come from two actors, either first. */
    private void tellIfReady() {
        if (isReady()) {
            long positions =
                    started.values().stream().mapToLong(Long::longValue).min().orElseThrow();
            rows.tell(new StageRows.Ready(getContext().getSelf(), positions));
        }
    }

    private boolean isReady() {
        return started.size() == places.size() && hosts.size() == places.size();
    }

    private Behavior<Command> onPass(Pass pass) {
        if (pass.message() instanceof StageHost.Run run) {
            awaited = run.step();
            waitFor("step %d did not come back".formatted(run.step()), Optional.empty());
        }
        hosts.get(0).tell(pass.message());
        return this;
    }

    private Behavior<Command> lost(String reason, Optional<ActorRef<StagePlace.Command>> place) {
        rows.tell(new StageRows.Lost(getContext().getSelf(), reason, place));
        return Behaviors.stopped();
    }
}
