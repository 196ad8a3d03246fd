package io.kinora.decoder.unet;

import io.kinora.decoder.nn.Conv2d;
import io.kinora.decoder.nn.FrameReach;
import io.kinora.decoder.nn.TemporalConvLayer;
import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.nn.TimeStep;
import io.kinora.decoder.nn.Transformer2dModel;
import io.kinora.decoder.nn.TransformerTemporalModel;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The 3D U-Net of ModelScope text-to-video and Zeroscope: a 2D U-Net whose every unit is followed by a convolution and an attention over
 * time.
 *
 * <p>Source: Wang et al. 2023, arXiv:2308.06571; official class diffusers {@code UNet3DConditionModel}, whose tensor names it reads.
 * Thread-safe.
 */
public final class UNet3dConditionModel implements DenoisingUNet {
    private static final int HEADS_IN = 8;

    private final UNet3dConfig config;
    private final UNetTrunk trunk;

    /** Takes the whole network. */
    public UNet3dConditionModel(UNet3dConfig config, Weights weights) {
        this(config, weights, StageRange.all(config.levels()));
    }

    /** Takes a run of stages, to be used with {@link #advance}. */
    public UNet3dConditionModel(UNet3dConfig config, Weights weights, StageRange range) {
        this.config = config;
        this.trunk = new UNetTrunk(layout(config), range, new Units(config), weights);
    }

    static UNetLayout layout(UNet3dConfig config) {
        return new UNetLayout(
                config.inChannels(),
                config.outChannels(),
                config.widths(),
                Collections.nCopies(config.levels(), config.layersPerBlock()),
                config.downAttention(),
                BlockTypes.byLevel(config.upAttention()),
                config.groups(),
                config.eps(),
                4 * config.widths().get(0),
                Conv2d.Inflation.SPATIAL);
    }

    /** Spatial and temporal layers by their released names. */
    record Units(UNet3dConfig config) implements UnitFactory {
        @Override
        public Optional<TransformerTemporalModel> transformerIn(Weights root) {
            return Optional.of(new TransformerTemporalModel(
                    root.at("transformer_in"), config.widths().get(0), config.groups(), HEADS_IN, config.headWidth()));
        }

        @Override
        public Optional<TemporalConvLayer> tempConv(Weights block, int index, int level) {
            return Optional.of(new TemporalConvLayer(
                    block.at("temp_convs." + index), config.widths().get(level), config.groups()));
        }

        @Override
        public Transformer2dModel attention(Weights block, int index, int level) {
            Transformer2dModel.Sizes sizes = new Transformer2dModel.Sizes(
                    config.widths().get(level),
                    config.groups(),
                    heads(level),
                    config.headWidth(),
                    1,
                    OptionalInt.of(config.contextWidth()),
                    true,
                    FrameReach.OWN_FRAME);
            return new Transformer2dModel(block.at("attentions." + index), sizes);
        }

        @Override
        public Optional<TransformerTemporalModel> tempAttention(Weights block, int index, int level) {
            return Optional.of(new TransformerTemporalModel(
                    block.at("temp_attentions." + index),
                    config.widths().get(level),
                    config.groups(),
                    heads(level),
                    config.headWidth()));
        }

        private int heads(int level) {
            return config.widths().get(level) / config.headWidth();
        }
    }

    /** Its sizes. */
    public UNet3dConfig config() {
        return config;
    }

    @Override
    public Conditioning condition(UNetPrompt prompt) {
        try (Scope scope = trunk.engine().scope()) {
            return trunk.condition(scope, prompt.encoderHiddenStates(), Optional.empty(), Optional.empty());
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

    /** Latents {@code [B, C, F, Y, X]} to the prediction {@code [B, O, F, Y, X]}. */
    @Override
    public Tensor forward(Tensor sample, TimeStep time, Conditioning conditioning) {
        return VideoLatents.forward(trunk, sample, time, conditioning);
    }

    @Override
    public Tensor forward(Tensor sample, TimeStep time, Conditioning conditioning, DeepFeatures deep) {
        return VideoLatents.forward(trunk, sample, time, conditioning, deep);
    }

    @Override
    public UNetState advance(UNetState state, TimeStep time, Conditioning conditioning) {
        return trunk.advance(state, time, conditioning);
    }
}
