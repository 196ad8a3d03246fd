package io.kinora.decoder.schedule;

import io.kinora.tensor.Tensor;

/**
 * One walk of a {@link Sampler} from noise to a clean latent.
 *
 * <p>For each i from 0 (or from a later start, for a latent that {@link #addNoise} made) to {@link #evaluations} - 1, in order:
 *
 * <pre>{@code
 * Tensor output = model(run.scaleModelInput(sample, i), run.timestep(i));
 * sample = run.step(output, i, sample);
 * }</pre>
 *
 * <p>Samples are {@code [N, ...]} in {@link io.kinora.tensor.DType#F32}, of any shape that stays the same throughout; a video is given
 * as its frames, {@code [B*F, C, H, W]}, as the official pipelines do (it matters where noise is drawn or values are thresholded
 * per row). Tensors returned belong to the caller's scope; the run keeps its own history until {@link #close}. Confined to one thread.
 */
public interface SamplerRun extends AutoCloseable {
    /** How often the model is evaluated. */
    int evaluations();

    /** The time that the model is told at evaluation {@code i}: falling, not always a whole number. */
    double timestep(int i);

    /** What standard normal noise is multiplied with to make the first sample. */
    double initNoiseSigma();

    /** The model's input for a sample before evaluation {@code i}. */
    Tensor scaleModelInput(Tensor sample, int i);

    /**
     * The sample after evaluation {@code i}.
     *
     * @param modelOutput the (guided) prediction, of any float type
     * @throws IllegalStateException if {@code i} does not follow the evaluation before it
     */
    Tensor step(Tensor modelOutput, int i, Tensor sample);

    /** The clean sample that the model's output at evaluation {@code i} amounts to; what a preview shows. Changes nothing. */
    Tensor predictClean(Tensor modelOutput, int i, Tensor sample);

    /** A clean sample brought to the noise level at which evaluation {@code i} starts. */
    Tensor addNoise(Tensor clean, Tensor noise, int i);

    /** Frees the history. */
    @Override
    void close();
}
