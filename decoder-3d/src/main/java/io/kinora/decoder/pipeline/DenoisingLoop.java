package io.kinora.decoder.pipeline;

import io.kinora.decoder.schedule.SamplerRun;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The loop: a network's prediction, a sampler's step, again and again.
 *
 * <p>Between steps there is one tensor, the sample, in single precision whatever the network computes in; everything else is freed after
 * each step.
 */
final class DenoisingLoop {
    private final Engine engine;
    private final LatentAxes axes;
    private final GuidedUNet unet;
    private final SamplerRun run;
    private final GenerationListener listener;
    private final CancelSignal cancel;
    private final Function<Tensor, List<PixelFrame>> pictures;

    DenoisingLoop(
            Engine engine,
            LatentAxes axes,
            GuidedUNet unet,
            SamplerRun run,
            GenerationListener listener,
            CancelSignal cancel,
            Function<Tensor, List<PixelFrame>> pictures) {
        this.engine = engine;
        this.axes = axes;
        this.unet = unet;
        this.run = run;
        this.listener = listener;
        this.cancel = cancel;
        this.pictures = pictures;
    }

    /**
     * Denoises a sample {@code [F, C, Y, X]} from an evaluation to the last.
     *
     * @return the clean sample, owned by the scope that is open at the call
     * @throws GenerationCancelledException before the first step after the signal
     */
    Tensor denoise(Tensor noisy, int first) {
        Tensor sample = noisy;
        for (int i = first; i < run.evaluations(); i++) {
            stopIfCancelled(i, first);
            Tensor next = step(sample, i, first);
            sample.close();
            sample = next;
        }
        return sample;
    }

    private Tensor step(Tensor sample, int i, int first) {
        try (Scope scope = engine.scope()) {
            return scope.keep(advance(sample, i, first, unet.predict(input(sample, i), i)));
        }
    }

    /** What the network is given before evaluation {@code i}. */
    Tensor input(Tensor sample, int i) {
        return axes.fromRows(run.scaleModelInput(sample, i));
    }

    /** The sample after evaluation {@code i} predicted this; tells the listener. */
    Tensor advance(Tensor sample, int i, int first, Tensor predicted) {
        Tensor prediction = axes.rows(predicted);
        Tensor next = run.step(prediction, i, sample);
        Supplier<List<PixelFrame>> preview = () -> pictures.apply(run.predictClean(prediction, i, sample));
        listener.stepped(new StepProgress(i - first + 1, run.evaluations() - first, run.timestep(i), preview));
        return next;
    }

    void stopIfCancelled(int i, int first) {
        if (cancel.isCancelled()) {
            throw new GenerationCancelledException(i - first, run.evaluations() - first);
        }
    }
}
