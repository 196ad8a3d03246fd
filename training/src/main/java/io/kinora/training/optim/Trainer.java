package io.kinora.training.optim;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Gradients;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.training.model.Parameter;
import io.kinora.training.stage.Objective;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * The loop: batches, gradients, steps, saves.
 *
 * <p>What a step computes depends on its number and on what was computed before, on nothing else: a training that is stopped and resumed has
 * the losses of one that was not. The next batch is prepared while the present one is computed.
 */
public final class Trainer {
    private final Engine engine;
    private final Gradients gradients;
    private final TrainingState state;
    private final Plan plan;
    private final BooleanSupplier stopped;

    /**
     * How long, and in which pieces.
     *
     * @param steps steps of the optimiser in all, those of earlier runs included
     * @param accumulation batches whose gradients make one step
     * @param save time between saves
     * @param most time after which this run saves and ends, though steps are left
     */
    public record Plan(long steps, int accumulation, Duration save, Duration most) {
        /** Checks the ranges. */
        public Plan {
            if (steps < 1 || accumulation < 1) {
                throw new IllegalArgumentException(
                        "a training has steps and batches, got %d and %d".formatted(steps, accumulation));
            }
        }
    }

    /** What is known after a step. */
    public record Report(long step, double seconds, Map<String, Double> losses, Optimizer.Step taken) {
        /** Copies the map. */
        public Report {
            losses = Collections.unmodifiableMap(new LinkedHashMap<>(losses));
        }
    }

    /** Is told of every step. */
    @FunctionalInterface
    public interface Listener {
        /** After a step. */
        void stepped(Report report) throws IOException;
    }

    /** Of a plan, whose standing is kept in a state. */
    public Trainer(Engine engine, TrainingState state, Plan plan) {
        this(engine, state, plan, () -> false);
    }

    /**
     * The same, with an end that another thread decides on.
     *
     * @param stopped is asked after every step
     */
    public Trainer(Engine engine, TrainingState state, Plan plan, BooleanSupplier stopped) {
        this.engine = engine;
        this.gradients = engine.gradients()
                .orElseThrow(() -> new IllegalArgumentException(
                        "engine %s computes no gradients; train on libtorch".formatted(engine.name())));
        this.state = state;
        this.plan = plan;
        this.stopped = stopped;
    }

    /**
     * Goes on from the state until all steps are taken, the time is over, or it is stopped; saves before it returns.
     *
     * @param parameters all of the model, also those that the optimiser does not move
     * @return steps taken in all
     */
    public <B> long run(
            Objective<B> objective, Collection<Parameter> parameters, Optimizer optimizer, Listener listener)
            throws IOException {
        double before = state.resume(engine, parameters, optimizer)
                .map(TrainingState.Progress::seconds)
                .orElse(0.0);
        long started = System.nanoTime();
        long saved = started;
        ExecutorService preparing = Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "batches");
            thread.setDaemon(true);
            return thread;
        });
        try {
            CompletableFuture<B> next = prepare(objective, optimizer.steps() * plan.accumulation(), preparing);
            while (optimizer.steps() < plan.steps() && !stopped.getAsBoolean()) {
                Map<String, Double> losses = new LinkedHashMap<>();
                for (int part = 0; part < plan.accumulation(); part++) {
                    B batch = next.join();
                    next = prepare(objective, optimizer.steps() * plan.accumulation() + part + 1, preparing);
                    differentiate(objective, batch, losses);
                }
                Optimizer.Step taken = optimizer.step();
                listener.stepped(new Report(optimizer.steps(), before + seconds(started), losses, taken));
                if (System.nanoTime() - started > plan.most().toNanos()) {
                    break;
                }
                if (System.nanoTime() - saved > plan.save().toNanos()) {
                    state.save(parameters, optimizer, before + seconds(started));
                    saved = System.nanoTime();
                }
            }
            state.save(parameters, optimizer, before + seconds(started));
            return optimizer.steps();
        } finally {
            preparing.shutdownNow();
        }
    }

    private static <B> CompletableFuture<B> prepare(Objective<B> objective, long number, ExecutorService preparing) {
        return CompletableFuture.supplyAsync(() -> objective.prepare(number), preparing);
    }

    private <B> void differentiate(Objective<B> objective, B batch, Map<String, Double> losses) {
        try (Scope scope = engine.scope()) {
            Objective.Loss loss;
            try (Gradients.Recording recording = gradients.record()) {
                loss = objective.loss(batch);
                gradients.backward(
                        plan.accumulation() == 1 ? loss.total() : loss.total().mul(1.0 / plan.accumulation()));
            }
            for (Map.Entry<String, Tensor> part : loss.parts().entrySet()) {
                double value = part.getValue().toFloats()[0] / plan.accumulation();
                losses.merge(part.getKey(), value, Double::sum);
            }
            double total = loss.total().toFloats()[0];
            if (!Double.isFinite(total)) {
                throw new DivergedException("the loss is %s: the learning rate may be too high".formatted(total));
            }
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
