package io.kinora.actors.adapter;

import io.kinora.decoder.pipeline.DiffusionPipeline;
import io.kinora.decoder.pipeline.FarHalf;
import io.kinora.decoder.pipeline.GenerationRequest;
import io.kinora.decoder.pipeline.UnconditionalHalf;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;

/**
 * A second device with the same checkpoint, which computes the unconditional half of guidance while the first computes the other. Its computations run
 * on one thread of their own.
 */
public final class GuidanceDevice implements AutoCloseable {
    private final DiffusionPipeline pipeline;
    private final Engine engine;
    private final ExecutorService thread;

    /**
     * Owns all three.
     *
     * @param pipeline of the same checkpoint as the first device's
     * @param engine of the second device
     * @param thread a single one
     */
    public GuidanceDevice(DiffusionPipeline pipeline, Engine engine, ExecutorService thread) {
        this.pipeline = pipeline;
        this.engine = engine;
        this.thread = thread;
    }

    /**
     * The half of a job; none if the job has no guidance.
     *
     * @param first makes the job, and knows its defaults
     */
    Optional<Half> begin(GenerationRequest request, DiffusionPipeline first) {
        double usual = request.source().isPresent()
                ? first.defaults().sourceGuidance()
                : first.defaults().guidance();
        boolean guided =
                request.guidance().orElse(usual) > 1 && request.stepCache().isEmpty();
        return guided
                ? Optional.of(new Half(
                        thread,
                        CompletableFuture.supplyAsync(() -> pipeline.unconditional(request), thread)
                                .join()))
                : Optional.empty();
    }

    /** The unconditional half of one job. */
    static final class Half implements FarHalf, AutoCloseable {
        private final ExecutorService thread;
        private final UnconditionalHalf half;

        private Half(ExecutorService thread, UnconditionalHalf half) {
            this.thread = thread;
            this.half = half;
        }

        @Override
        public CompletionStage<Tensor> predict(Tensor sample, int step) {
            return CompletableFuture.supplyAsync(() -> half.predict(sample, step), thread);
        }

        @Override
        public void close() {
            CompletableFuture.runAsync(half::close, thread).join();
        }
    }

    @Override
    public void close() {
        CompletableFuture.runAsync(pipeline::close, thread).join();
        thread.shutdown();
        engine.close();
    }
}
