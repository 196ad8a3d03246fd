/** The text encoders of the diffusion pipelines, {@link io.kinora.decoder.text.ClipTextModel}. */
package io.kinora.decoder.text;
