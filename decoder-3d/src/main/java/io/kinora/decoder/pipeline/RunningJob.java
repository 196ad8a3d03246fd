package io.kinora.decoder.pipeline;

import io.kinora.decoder.schedule.SamplerRun;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * A job between two denoising steps: its sample, its sampler and what it is conditioned on. Made by {@link DiffusionPipeline#begin}, moved on by
 * {@link DiffusionPipeline#step}, and ended by {@link DiffusionPipeline#finish} or by {@link #close}, which frees what it holds.
 *
 * <p>Its tensors are in no scope: steps may be made on different threads, one at a time.
 */
public final class RunningJob implements AutoCloseable {
    private final Job job;
    private final MemoryPlan plan;
    private final GenerationListener listener;
    private final SamplerRun run;
    private final GuidedUNet unet;
    private final DenoisingLoop loop;
    private final CancelSignal cancel;
    private Tensor sample; // [F, C, Y, X], F32
    private int next;
    private Optional<RuntimeException> failure = Optional.empty();

    RunningJob(
            Job job,
            MemoryPlan plan,
            GenerationListener listener,
            SamplerRun run,
            GuidedUNet unet,
            DenoisingLoop loop,
            CancelSignal cancel,
            Tensor first) {
        this.job = job;
        this.plan = plan;
        this.listener = listener;
        this.run = run;
        this.unet = unet;
        this.loop = loop;
        this.cancel = cancel;
        this.sample = first;
        this.next = job.firstStep();
    }

    /** How it was cut to fit into memory. */
    public MemoryPlan plan() {
        return plan;
    }

    /** Evaluations made so far. */
    public int done() {
        return next - job.firstStep();
    }

    /** Evaluations in all. */
    public int total() {
        return run.evaluations() - job.firstStep();
    }

    /** True as long as there is a step to make: it is neither denoised nor has it failed or been cancelled. */
    public boolean isDenoising() {
        return failure.isEmpty() && next < run.evaluations();
    }

    /** Why there are no more steps though it is not denoised: a {@link GenerationCancelledException}, or what its listener threw. */
    public Optional<RuntimeException> failure() {
        return failure;
    }

    /** Whether both can be moved on in one call of the network; the seeds, prompts, guidance scales and steps done may differ. */
    public boolean joins(RunningJob other) {
        return job.frames() == other.job.frames() && job.size().equals(other.job.size()) && unet.joins(other.unet);
    }

    boolean mayStep() {
        if (isDenoising()) {
            guard(() -> loop.stopIfCancelled(next, job.firstStep()));
        }
        return isDenoising();
    }

    Tensor input() {
        return loop.input(sample, next);
    }

    /** One step on, by a prediction for {@link #input}. What goes wrong here is this job's alone. */
    void advance(Scope scope, Tensor prediction) {
        guard(() -> {
            Tensor advanced = scope.detach(loop.advance(sample, next, job.firstStep(), prediction));
            sample.close();
            sample = advanced;
            next++;
        });
    }

    private void guard(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            // Others may be in the same batch; this job's owner is told when it asks.
            failure = Optional.of(e);
        }
    }

    static List<Tensor> predict(List<RunningJob> jobs) {
        return GuidedUNet.predict(
                jobs.stream().map(job -> job.unet).toList(),
                jobs.stream().map(RunningJob::input).toList(),
                jobs.stream().map(job -> job.next).toList());
    }

    Tensor latents() {
        return sample;
    }

    GenerationListener listener() {
        return listener;
    }

    void stopIfCancelled() {
        if (cancel.isCancelled()) {
            throw new GenerationCancelledException(done(), total());
        }
    }

    @Override
    public void close() {
        unet.close();
        run.close();
        sample.close();
    }
}
