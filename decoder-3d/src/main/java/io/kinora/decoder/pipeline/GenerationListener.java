package io.kinora.decoder.pipeline;

import io.kinora.tensor.Tensor;

/**
 * Told how a generation goes, on the thread that runs it. Tensors given are the pipeline's: they live until the method returns. What a
 * method throws ends the generation and reaches its caller.
 */
public interface GenerationListener {
    /** Listens to nothing. */
    GenerationListener NONE = new GenerationListener() {};

    /** The plan was made and fits. */
    default void planned(MemoryPlan plan) {}

    /** Prompt, source and noise are ready; the first step comes next. */
    default void prompted() {}

    /** A denoising step was made. */
    default void stepped(StepProgress progress) {}

    /** All steps were made. {@code latents}: {@code [1, C, F, Y, X]} of a clip, {@code [N, C, Y, X]} of stills. */
    default void denoised(Tensor latents) {}

    /** The spectrograms of sounds are finished, {@code [n, F, M]}: frames and mel bins, logarithmic; the samples come next. */
    default void spectrogram(Tensor mel) {}

    /**
     * A frame is finished, in order; the next ones are still being decoded.
     *
     * @param index from 0
     * @param pixels {@code [3, Y, X]} in 0 to 1, {@link io.kinora.tensor.DType#F32}; {@link PixelFrame#of(Tensor)} reads it out
     */
    default void frame(int index, Tensor pixels) {}
}
