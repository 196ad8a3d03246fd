/** The autoencoder between pixels and latents, {@link io.kinora.decoder.vae.AutoencoderKl}. */
package io.kinora.decoder.vae;
