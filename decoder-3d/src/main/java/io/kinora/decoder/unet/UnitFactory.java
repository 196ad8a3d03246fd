package io.kinora.decoder.unet;

import io.kinora.decoder.nn.TemporalConvLayer;
import io.kinora.decoder.nn.Transformer2dModel;
import io.kinora.decoder.nn.TransformerTemporalModel;
import io.kinora.model.checkpoint.Weights;
import java.util.Optional;

/** Makes the layers in which the kinds of U-Net differ. A block's weights are given, and the layer's place among its like. */
interface UnitFactory {
    /** The spatial transformer {@code attentions.index} of a level. */
    Transformer2dModel attention(Weights block, int index, int level);

    /** What stands before the first down block. */
    default Optional<TransformerTemporalModel> transformerIn(Weights root) {
        return Optional.empty();
    }

    /** The temporal convolution {@code temp_convs.index} of a level. */
    default Optional<TemporalConvLayer> tempConv(Weights block, int index, int level) {
        return Optional.empty();
    }

    /** The temporal transformer {@code temp_attentions.index} of a level. */
    default Optional<TransformerTemporalModel> tempAttention(Weights block, int index, int level) {
        return Optional.empty();
    }
}
