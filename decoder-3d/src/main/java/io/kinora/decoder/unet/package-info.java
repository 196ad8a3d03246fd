/**
 * The denoising networks: {@link io.kinora.decoder.unet.UNet3dConditionModel} (ModelScope, Zeroscope),
 * {@link io.kinora.decoder.unet.UNet2dConditionModel} (Stable Diffusion 1.5 and 2.1, SDXL, Emu2's image decoder, AudioLDM) and
 * {@link io.kinora.decoder.unet.Emu2VideoUNet}, all built of one trunk.
 */
package io.kinora.decoder.unet;
