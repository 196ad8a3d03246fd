/**
 * Samplers: the arithmetic that takes a noisy latent one step nearer to a clean one. No weights, no loop.
 *
 * <p>A {@link io.kinora.decoder.schedule.Sampler} is what a checkpoint's {@code scheduler_config.json} describes; it is immutable. A
 * {@link io.kinora.decoder.schedule.SamplerRun} is one walk through its timesteps, with the history that multistep methods keep.
 */
package io.kinora.decoder.schedule;
