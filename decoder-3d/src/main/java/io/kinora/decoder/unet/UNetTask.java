package io.kinora.decoder.unet;

import java.util.List;

/**
 * What the stages of a cut U-Net are told about a job once for all its steps. Each makes it ready for itself when it first hears of it.
 *
 * @param id tells it from others of the same network
 * @param prompt the conditioning; its tensors live as long as anything is computed for the task
 * @param frames frames of the clip
 * @param timesteps of all steps
 */
public record UNetTask(long id, UNetPrompt prompt, int frames, List<Double> timesteps) {
    /** Takes a copy of the list. */
    public UNetTask {
        timesteps = List.copyOf(timesteps);
    }
}
