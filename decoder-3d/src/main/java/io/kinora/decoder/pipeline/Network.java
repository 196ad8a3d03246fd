package io.kinora.decoder.pipeline;

/**
 * A U-Net and what a pipeline must know about it.
 *
 * @param place the network, or the way to it
 * @param axes how it wants its latents
 * @param sizes what decides its memory
 */
record Network(UNetPlace place, LatentAxes axes, NetworkSizes sizes) {}
