package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/** Grows an image by repeating pixels, then convolves. Official class: diffusers {@code Upsample2D}. Thread-safe. */
public final class Upsample2d {
    private final Conv2d conv;

    /** Takes {@code conv}. */
    public Upsample2d(Weights weights, long channels, Conv2d.Inflation inflation) {
        this.conv = Conv2d.of3x3(weights.at("conv"), channels, channels, inflation);
    }

    /** {@code [B·F, C, Y, X]} to {@code [B·F, C, height, width]}. */
    public Tensor forward(Tensor x, long frames, long height, long width) {
        try (Scope scope = x.engine().scope()) {
            return scope.keep(conv.forward(x.engine().upsampleNearest(x, height, width), frames));
        }
    }
}
