package io.kinora.decoder.unet;

import io.kinora.decoder.nn.ResnetBlock2d;
import io.kinora.decoder.nn.TemporalConvLayer;
import io.kinora.decoder.nn.TimeStep;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * The lowest level. The order is that of the official classes: ResNet, convolution over time, then the unit's attentions, then a
 * second ResNet with its convolution over time.
 */
record MidBlock(UNetUnit unit, ResnetBlock2d resnet, Optional<TemporalConvLayer> tempConv) {
    UNetState forward(UNetState state, TimeStep time, Conditioning conditioning) {
        long frames = state.frames();
        try (Scope scope = state.hidden().engine().scope()) {
            Tensor h = unit.forward(state.hidden(), frames, time, conditioning);
            Tensor out = resnet.forward(h, frames, time);
            h.close();
            Tensor mixed = tempConv.map(conv -> conv.forward(out, frames)).orElse(out);
            state.freeHidden();
            return state.with(scope.keep(mixed));
        }
    }
}
