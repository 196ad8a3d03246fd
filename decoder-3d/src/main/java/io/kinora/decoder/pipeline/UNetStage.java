package io.kinora.decoder.pipeline;

import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.unet.Conditioning;
import io.kinora.decoder.unet.UNetState;
import io.kinora.decoder.unet.UNetTask;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A run of a U-Net's stages with a device of its own, and what it made ready for the jobs that it is asked about. Made by
 * {@link Pipelines#openStage}. Confined to one thread at a time.
 */
public final class UNetStage implements AutoCloseable {
    private final Engine engine;
    private final UNetPlace.Here network;
    private final Runnable release;
    private final Map<Long, Ready> ready = new HashMap<>();

    /** What does not change from step to step. */
    private record Ready(Conditioning conditioning, TimeSchedule schedule) implements AutoCloseable {
        @Override
        public void close() {
            schedule.close();
            conditioning.close();
        }
    }

    /** Of parts that {@code release} frees. */
    UNetStage(Engine engine, UNetPlace.Here network, Runnable release) {
        this.engine = engine;
        this.network = network;
        this.release = release;
    }

    /**
     * Runs these stages on what the ones before gave, or on {@link UNetState#of} a sample.
     *
     * @param state of any engine; used up, also by a failure
     * @return on this stage's engine, in no scope: the caller closes it
     */
    public UNetState forward(UNetTask task, int step, UNetState state) {
        try (Scope scope = engine.scope()) {
            Ready known = ready.computeIfAbsent(task.id(), id -> prepare(task));
            UNetState next = network.unet()
                    .advance(state.on(engine), known.schedule().step(step), known.conditioning())
                    .detached(scope);
            state.closeBut(next);
            return next;
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
    }

    private Ready prepare(UNetTask task) {
        double[] timesteps =
                task.timesteps().stream().mapToDouble(Double::doubleValue).toArray();
        try (Scope scope = engine.scope()) {
            Conditioning conditioning = network.condition()
                    .forFrames(task.frames())
                    .apply(task.prompt().map(engine::adopt));
            try {
                return new Ready(conditioning, network.unet().embedTime(conditioning, timesteps));
            } catch (RuntimeException e) {
                conditioning.close();
                throw e;
            }
        }
    }

    /** Frees what was made ready for a task; an unknown one is no error. */
    public void forget(long task) {
        Optional.ofNullable(ready.remove(task)).ifPresent(Ready::close);
    }

    /** Frees the weights and everything made ready. */
    @Override
    public void close() {
        ready.values().forEach(Ready::close);
        ready.clear();
        release.run();
    }
}
