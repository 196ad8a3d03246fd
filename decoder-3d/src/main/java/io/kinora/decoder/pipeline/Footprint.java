package io.kinora.decoder.pipeline;

import java.util.List;

/**
 * Upper estimates of the activations that a network holds at once, from its sizes alone. Feed-forwards run by rows and attention streams,
 * so neither is the peak.
 */
final class Footprint {
    /** What the convolution and matrix libraries take for themselves beside inputs and outputs. */
    private static final double LIBRARY_SHARE = 1.25;

    /** Hidden state, residual, normed copy, q, k, v, attended, projected. */
    private static final int TRANSFORMER_COPIES = 8;

    private Footprint() {}

    /**
     * A U-Net: the skips that wait for the way up, and the largest unit.
     *
     * @param widths channels of each level
     * @param layersPerBlock units of a down block
     * @param innerIn width inside the temporal transformer after the first convolution; 0 if there is none
     * @param bytesPerElement of the weights' type
     * @param images frames of all samples of a batch
     * @param pixels latent pixels of a frame
     */
    static long unet(
            List<Integer> widths, int layersPerBlock, int innerIn, int bytesPerElement, long images, long pixels) {
        double elements = (double) images * pixels;
        double skips = widths.get(0) * elements;
        double working = TRANSFORMER_COPIES * Math.max(widths.get(0), innerIn) * elements;
        for (int level = 0; level < widths.size(); level++) {
            double here = elements / Math.pow(4, level);
            int width = widths.get(level);
            int below = widths.get(Math.min(level + 1, widths.size() - 1));
            skips += layersPerBlock * width * here + width * here / 4;
            // A unit of the way up: joined with its skip, normed, convolved twice.
            double resnet = 2.0 * (below + width) + 3.0 * width;
            working = Math.max(working, Math.max(resnet, (double) TRANSFORMER_COPIES * width) * here);
        }
        return (long) ((skips + working) * bytesPerElement * LIBRARY_SHARE);
    }

    /**
     * A VAE's decoder or encoder, whose peak lies at full size between its first two levels.
     *
     * @param widths channels of each level
     * @param bytesPerElement of the weights' type
     * @param pixels pixels of all frames of a slice
     */
    static long vae(List<Integer> widths, int bytesPerElement, long pixels) {
        int outer = widths.get(Math.min(1, widths.size() - 1));
        return (long) (4.0 * outer * pixels * bytesPerElement * LIBRARY_SHARE);
    }
}
