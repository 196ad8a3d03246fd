package io.kinora.decoder.nn;

import io.kinora.tensor.Tensor;

/** One point in the denoising time, as the ResNets see it. */
@FunctionalInterface
public interface TimeStep {
    /** The bias rows of a block's first convolution at this time: {@code [1, O]} for all samples, {@code [B, O]}, or {@code [B·F, O]} where frames differ. */
    Tensor shift(ResnetBlock2d block);
}
