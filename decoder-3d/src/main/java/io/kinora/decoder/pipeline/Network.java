package io.kinora.decoder.pipeline;

import io.kinora.decoder.unet.Conditioning;
import io.kinora.decoder.unet.DenoisingUNet;
import io.kinora.decoder.unet.UNetPrompt;
import java.util.function.Function;

/**
 * A U-Net and what a pipeline must know about it.
 *
 * @param unet the network
 * @param axes how it wants its latents
 * @param condition how it is conditioned, for a number of frames
 * @param sizes what decides its memory
 */
record Network(DenoisingUNet unet, LatentAxes axes, Conditioner condition, NetworkSizes sizes) {
    /** Makes a prompt ready for a clip of so many frames. */
    @FunctionalInterface
    interface Conditioner {
        Function<UNetPrompt, Conditioning> forFrames(int frames);
    }
}
