package io.kinora.decoder.unet;

import io.kinora.decoder.nn.ResnetBlock2d;
import io.kinora.decoder.nn.TemporalConvLayer;
import io.kinora.decoder.nn.TimeStep;
import io.kinora.decoder.nn.Transformer2dModel;
import io.kinora.decoder.nn.TransformerTemporalModel;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * The layers between two skips: ResNet, then, where the network has them, convolution over time, attention over space, attention over
 * time.
 */
record UNetUnit(
        ResnetBlock2d resnet,
        Optional<TemporalConvLayer> tempConv,
        Optional<Transformer2dModel> attention,
        Optional<TransformerTemporalModel> tempAttention) {

    /** {@code [B·F, C, Y, X]} to {@code [B·F, O, Y, X]}. */
    Tensor forward(Tensor x, long frames, TimeStep time, Conditioning conditioning) {
        try (Scope scope = x.engine().scope()) {
            Tensor h = resnet.forward(x, frames, time);
            if (tempConv.isPresent()) {
                h = replace(h, tempConv.get().forward(h, frames));
            }
            if (attention.isPresent()) {
                h = replace(h, attention.get().forward(h, frames, conditioning));
            }
            if (tempAttention.isPresent()) {
                h = replace(h, tempAttention.get().forward(h, frames));
            }
            return scope.keep(h);
        }
    }

    private static Tensor replace(Tensor old, Tensor next) {
        old.close();
        return next;
    }
}
