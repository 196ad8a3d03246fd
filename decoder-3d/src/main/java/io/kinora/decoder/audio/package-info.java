/**
 * The parts of AudioLDM that pictures have no use for: CLAP's text encoder, {@link io.kinora.decoder.audio.ClapTextModel}, and the vocoder,
 * {@link io.kinora.decoder.audio.HifiGan}. Its U-Net and its autoencoder are the pictures' own, on mel spectrograms.
 */
package io.kinora.decoder.audio;
