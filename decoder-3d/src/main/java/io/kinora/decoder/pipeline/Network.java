package io.kinora.decoder.pipeline;

import io.kinora.decoder.unet.Conditioning;
import io.kinora.decoder.unet.DenoisingUNet;
import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.tensor.DType;
import java.util.List;
import java.util.function.Function;

/**
 * A U-Net and what a pipeline must know about it.
 *
 * @param unet the network
 * @param axes how it wants its latents
 * @param condition how it is conditioned, for a number of frames
 * @param channels latent channels
 * @param widths channels of each level
 * @param layersPerBlock units of a down block
 * @param innerIn width inside the temporal transformer after the first convolution; 0 if there is none
 * @param dtype what it computes in
 */
record Network(
        DenoisingUNet unet,
        LatentAxes axes,
        Conditioner condition,
        int channels,
        List<Integer> widths,
        int layersPerBlock,
        int innerIn,
        DType dtype) {
    /** Makes a prompt ready for a clip of so many frames. */
    @FunctionalInterface
    interface Conditioner {
        Function<UNetPrompt, Conditioning> forFrames(int frames);
    }

    /** Bytes one evaluation takes, for {@code images} frames of all samples of {@code pixels} latent pixels each. */
    long activationBytes(long images, long pixels) {
        return Footprint.unet(widths, layersPerBlock, innerIn, dtype.bytes(), images, pixels);
    }
}
