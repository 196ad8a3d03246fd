package io.kinora.decoder.pipeline;

import io.kinora.decoder.unet.Conditioning;
import io.kinora.decoder.unet.DenoisingUNet;
import io.kinora.decoder.unet.UNetPrompt;
import java.util.function.Function;

/** Where a pipeline's U-Net is. */
sealed interface UNetPlace {
    /**
     * On the pipeline's own device.
     *
     * @param unet the network, or a run of its stages
     * @param condition how it is conditioned, for a number of frames
     */
    record Here(DenoisingUNet unet, Conditioner condition) implements UNetPlace {}

    /** Somewhere else. */
    record Elsewhere(FarUNet unet) implements UNetPlace {}

    /** Makes a prompt ready for a clip of so many frames. */
    @FunctionalInterface
    interface Conditioner {
        /** The way for so many frames. */
        Function<UNetPrompt, Conditioning> forFrames(int frames);
    }
}
