package io.kinora.decoder.pipeline;

/**
 * How a job is cut so that it fits, decided before it starts.
 *
 * @param bytes upper estimate of what the job takes on the device at once, besides the weights
 * @param freeBytes what the device had when the plan was made
 * @param guidanceBatched whether both halves of guidance are computed at once, or one after the other
 * @param framesPerSlice frames the VAE decodes at once
 * @param tiled whether the VAE works tile by tile; only for frames that do not fit whole, as seams may show
 */
public record MemoryPlan(long bytes, long freeBytes, boolean guidanceBatched, int framesPerSlice, boolean tiled) {}
