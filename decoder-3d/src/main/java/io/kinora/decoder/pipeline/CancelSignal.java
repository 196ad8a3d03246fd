package io.kinora.decoder.pipeline;

/** Asked before every denoising step and every slice of frames whether to go on. Must be quick and safe from any thread. */
@FunctionalInterface
public interface CancelSignal {
    /** Never cancels. */
    CancelSignal NEVER = () -> false;

    /** True once the generation is to stop; it stays true. */
    boolean isCancelled();
}
