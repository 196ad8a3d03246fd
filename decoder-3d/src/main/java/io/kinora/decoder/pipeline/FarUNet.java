package io.kinora.decoder.pipeline;

import io.kinora.decoder.unet.UNetPrompt;

/** A U-Net that is computed elsewhere: cut over several devices, say. Thread-safe. */
@FunctionalInterface
public interface FarUNet {
    /**
     * Makes a prompt ready.
     *
     * @param prompt the caller's, whose tensors may be freed after the call
     * @param frames frames of the clip
     * @param timesteps at which it is going to be asked, by index
     * @return asked once a step, by one caller, who closes it
     */
    FarHalf prepare(UNetPrompt prompt, int frames, double... timesteps);
}
