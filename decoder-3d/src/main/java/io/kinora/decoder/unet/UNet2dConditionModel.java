package io.kinora.decoder.unet;

import io.kinora.decoder.nn.Conv2d;
import io.kinora.decoder.nn.FrameReach;
import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.nn.TimeStep;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;

/**
 * The 2D U-Net of Stable Diffusion 1.5 and 2.1, SDXL, Emu2's image decoder and AudioLDM.
 *
 * <p>Source: Rombach et al. 2022, arXiv:2112.10752; Podell et al. 2023, arXiv:2307.01952; official class diffusers
 * {@code UNet2DConditionModel}, whose tensor names it reads. Thread-safe.
 */
public final class UNet2dConditionModel implements DenoisingUNet {
    private final UNet2dConfig config;
    private final UNetTrunk trunk;
    private final AddedEmbedding added;

    /** Takes the whole network. */
    public UNet2dConditionModel(UNet2dConfig config, Weights weights) {
        this(config, weights, StageRange.all(config.levels()));
    }

    /** Takes a run of stages, to be used with {@link #advance}. */
    public UNet2dConditionModel(UNet2dConfig config, Weights weights, StageRange range) {
        this.config = config;
        this.trunk = new UNetTrunk(
                config.layout(Conv2d.Inflation.SPATIAL), range, new ImageUnits(config, FrameReach.OWN_FRAME), weights);
        this.added = new AddedEmbedding(config, weights);
    }

    /** Its sizes. */
    public UNet2dConfig config() {
        return config;
    }

    @Override
    public Conditioning condition(UNetPrompt prompt) {
        try (Scope scope = trunk.engine().scope()) {
            return trunk.condition(scope, prompt.encoderHiddenStates(), added.sizes(prompt), added.classes(prompt));
        }
    }

    @Override
    public TimeSchedule embedTime(Conditioning conditioning, double... timesteps) {
        return trunk.embedTime(conditioning, timesteps);
    }

    @Override
    public TimeSchedule embedTimePerSample(Conditioning conditioning, double... timesteps) {
        return trunk.embedTimePerSample(conditioning, timesteps);
    }

    /** Latents {@code [B, C, Y, X]} to the prediction {@code [B, O, Y, X]}. */
    @Override
    public Tensor forward(Tensor sample, TimeStep time, Conditioning conditioning) {
        requireImages(sample);
        return trunk.forward(sample, 1, time, conditioning);
    }

    @Override
    public Tensor forward(Tensor sample, TimeStep time, Conditioning conditioning, DeepFeatures deep) {
        requireImages(sample);
        return trunk.forward(sample, 1, time, conditioning, deep);
    }

    private void requireImages(Tensor sample) {
        if (sample.rank() != 4
                || sample.dim(1) != config.inChannels()
                || sample.shape().elements() == 0) {
            throw new ShapeException("image latents are [B, %d, Y, X] with no empty axis, got %s"
                    .formatted(config.inChannels(), sample.shape()));
        }
    }

    @Override
    public UNetState advance(UNetState state, TimeStep time, Conditioning conditioning) {
        return trunk.advance(state, time, conditioning);
    }
}
