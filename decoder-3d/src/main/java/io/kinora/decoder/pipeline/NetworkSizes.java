package io.kinora.decoder.pipeline;

import io.kinora.tensor.DType;
import java.util.List;

/**
 * The sizes of a U-Net that decide its memory.
 *
 * @param channels latent channels
 * @param widths channels of each level
 * @param layersPerBlock units of a down block
 * @param innerIn width inside the temporal transformer after the first convolution; 0 if there is none
 * @param dtype what it computes in
 */
record NetworkSizes(int channels, List<Integer> widths, int layersPerBlock, int innerIn, DType dtype) {
    NetworkSizes {
        widths = List.copyOf(widths);
    }

    /** Bytes one evaluation takes, for {@code images} frames of all samples of {@code pixels} latent pixels each. */
    long activationBytes(long images, long pixels) {
        return Footprint.unet(widths, layersPerBlock, innerIn, dtype.bytes(), images, pixels);
    }
}
