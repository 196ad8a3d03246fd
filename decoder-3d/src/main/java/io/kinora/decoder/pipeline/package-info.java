/**
 * Pipelines: from a prompt or embeddings to frames. They own the denoising loop, and only they: a network, a sampler and a VAE meet
 * nowhere else.
 *
 * <p>{@link io.kinora.decoder.pipeline.Pipelines} opens a checkpoint's folder;
 * {@link io.kinora.decoder.pipeline.DiffusionPipeline} turns a {@link io.kinora.decoder.pipeline.GenerationRequest} into frames.
 */
package io.kinora.decoder.pipeline;
