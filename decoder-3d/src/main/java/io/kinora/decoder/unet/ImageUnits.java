package io.kinora.decoder.unet;

import io.kinora.decoder.nn.FrameReach;
import io.kinora.decoder.nn.Transformer2dModel;
import io.kinora.model.checkpoint.Weights;

/** The units of a 2D U-Net: ResNet and spatial transformer, whose self-attention may reach other frames. */
record ImageUnits(UNet2dConfig config, FrameReach reach) implements UnitFactory {
    @Override
    public Transformer2dModel attention(Weights block, int index, int level) {
        int channels = config.widths().get(level);
        int heads = config.heads().get(level);
        Transformer2dModel.Sizes sizes = new Transformer2dModel.Sizes(
                channels,
                config.groups(),
                heads,
                channels / heads,
                config.depths().get(level),
                config.contextWidth(),
                config.linearProjection(),
                reach);
        return new Transformer2dModel(block.at("attentions." + index), sizes);
    }
}
