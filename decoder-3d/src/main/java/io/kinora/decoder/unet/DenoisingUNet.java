package io.kinora.decoder.unet;

import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.nn.TimeStep;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/**
 * A network that predicts the noise in latents at a point of the denoising time.
 *
 * <p>What does not change from step to step is computed once, by {@link #condition} and {@link #embedTime}; a pipeline keeps both for as
 * long as it denoises and closes them afterwards. {@link #forward(Tensor, TimeStep, Conditioning)} is then called once a step:
 *
 * <pre>{@code
 * try (Conditioning conditioning = unet.condition(UNetPrompt.of(embeddings));
 *         TimeSchedule schedule = unet.embedTime(conditioning, timesteps)) {
 *     for (int i = 0; i < timesteps.length; i++) {
 *         Tensor noise = unet.forward(latents, schedule.step(i), conditioning);
 *     }
 * }
 * }</pre>
 *
 * <p>Weights belong to the checkpoint they were taken from. Computes in the weights' type; the result has the sample's. Thread-safe.
 */
public interface DenoisingUNet {
    /** Projects a prompt for every cross-attention: the same for all frames and steps. */
    Conditioning condition(UNetPrompt prompt);

    /** Embeds the timesteps of a schedule, each for all samples alike. */
    TimeSchedule embedTime(Conditioning conditioning, double... timesteps);

    /** Embeds one step at which every sample has a timestep of its own: a schedule of a single step. */
    TimeSchedule embedTimePerSample(Conditioning conditioning, double... timesteps);

    /** Video latents {@code [B, C, F, Y, X]}, or image latents {@code [B, C, Y, X]}, to the prediction, of the same axes. */
    Tensor forward(Tensor sample, TimeStep time, Conditioning conditioning);

    /**
     * As {@link #forward(Tensor, TimeStep, Conditioning)}, except that the inner levels are not run if {@code deep} holds what they gave at an
     * earlier step; if it holds nothing they are, and it holds it afterwards. Of a whole network only.
     */
    Tensor forward(Tensor sample, TimeStep time, Conditioning conditioning, DeepFeatures deep);

    /**
     * Runs the stages that this object holds on what the stages before gave, {@link UNetState#of} at first. The state is used up: what no later
     * stage needs is freed.
     */
    UNetState advance(UNetState state, TimeStep time, Conditioning conditioning);

    /** A single call with nothing prepared. */
    default Tensor forward(Tensor sample, double timestep, UNetPrompt prompt) {
        try (Scope scope = sample.engine().scope();
                Conditioning conditioning = condition(prompt);
                TimeSchedule schedule = embedTime(conditioning, timestep)) {
            return scope.keep(forward(sample, schedule.step(0), conditioning));
        }
    }
}
