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
import io.kinora.model.llm.KvCacheFullException;
import io.kinora.model.llm.PrefixMissingException;
import io.kinora.model.llm.StageBatch;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One stage of a language model, with the keys and values of its layers, on a thread of its own.
 *
 * <p>Stages stand in a row: each computes a step's rows and passes them to the next; the last one tells the {@link LanguageModel} what comes
 * out. A stage that fails outside a step's own bounds is restarted with an empty cache and says so ({@link LanguageModel.StageStarted});
 * the language model then runs its sequences again from what is known of them.
 */
public final class StageHost extends AbstractBehavior<StageHost.Command> {
    /** What a stage is asked to do. */
    public sealed interface Command extends KryoMessage {}

    /**
     * Computes the rows of one step and passes them on.
     *
     * @param step its number, ascending
     * @param batch which rows belong to which sequence
     * @param input the rows, as the stage takes them
     * @param outputs what the last stage is to make of them
     */
    public record Run(long step, StageBatch batch, StageInput input, StageOutputs outputs) implements Command {}

    /** Gives a sequence the first positions of another. Nothing happens if the parent does not reach that far: the next step says so. */
    public record Fork(long parent, long child, int length, int expectedLength) implements Command {}

    /** Forgets sequences. */
    public record Free(List<Long> sequences) implements Command {}

    /** Fails, as a broken device would: for drills. */
    public record Crash(String reason) implements Command {}

    private static final int MOST_RESTARTS = 3;
    private static final Duration RESTARTS_WITHIN = Duration.ofMinutes(1);

    private final int index;
    private final LanguageModelStage stage;
    private final Optional<ActorRef<Command>> next;
    private final ActorRef<LanguageModel.Command> languageModel;

    private StageHost(
            ActorContext<Command> context,
            int index,
            LanguageModelStage stage,
            Optional<ActorRef<Command>> next,
            ActorRef<LanguageModel.Command> languageModel) {
        super(context);
        this.index = index;
        this.stage = stage;
        this.next = next;
        this.languageModel = languageModel;
    }

    /**
     * Loads a stage and serves it.
     *
     * @param index its place in the row, from 0
     * @param load reads its weights; runs at start and again after a failure
     * @param next the stage behind it; empty for the last
     */
    public static Behavior<Command> create(
            int index,
            Supplier<LanguageModelStage> load,
            Optional<ActorRef<Command>> next,
            ActorRef<LanguageModel.Command> languageModel) {
        Behavior<Command> host = Behaviors.setup(context -> {
            LanguageModelStage stage = load.get();
            languageModel.tell(
                    new LanguageModel.StageStarted(index, stage.cache().positions()));
            return new StageHost(context, index, stage, next, languageModel);
        });
        return Behaviors.supervise(host)
                .onFailure(SupervisorStrategy.restart().withLimit(MOST_RESTARTS, RESTARTS_WITHIN));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Run.class, this::onRun)
                .onMessage(Fork.class, this::onFork)
                .onMessage(Free.class, this::onFree)
                .onMessage(Crash.class, this::onCrash)
                .onSignal(PreRestart.class, signal -> release())
                .onSignal(PostStop.class, signal -> release())
                .build();
    }

    private Behavior<Command> onRun(Run run) {
        try (Scope scope = stage.engine().scope();
                StageInput input = run.input()) {
            Tensor rows = stage.forward(run.batch(), input);
            if (next.isPresent()) {
                StageInput hidden = new StageInput.Hidden(scope.detach(rows));
                next.get().tell(new Run(run.step(), run.batch(), hidden, run.outputs()));
            } else {
                StageResult result = stage.outputs(rows, run.outputs());
                languageModel.tell(new LanguageModel.StepDone(
                        run.step(), result, stage.cache().usage().share()));
            }
        } catch (PrefixMissingException e) {
            fail(run, LanguageModel.StepFailed.Kind.PREFIX_MISSING, e);
        } catch (KvCacheFullException e) {
            fail(run, LanguageModel.StepFailed.Kind.CACHE_FULL, e);
        } catch (RuntimeException e) {
            getContext().getLog().error("stage {} failed in step {}", index, run.step(), e);
            fail(run, LanguageModel.StepFailed.Kind.BROKEN, e);
        }
        return this;
    }

    private void fail(Run run, LanguageModel.StepFailed.Kind kind, RuntimeException cause) {
        languageModel.tell(new LanguageModel.StepFailed(run.step(), index, kind, String.valueOf(cause.getMessage())));
    }

    private Behavior<Command> onFork(Fork fork) {
        try {
            stage.cache().fork(fork.parent(), fork.child(), fork.length(), fork.expectedLength());
        } catch (PrefixMissingException e) {
            getContext().getLog().debug("stage {} has nothing to fork: {}", index, e.getMessage());
        }
        next.ifPresent(stage -> stage.tell(fork));
        return this;
    }

    private Behavior<Command> onFree(Free free) {
        free.sequences().forEach(stage.cache()::free);
        next.ifPresent(stage -> stage.tell(free));
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
