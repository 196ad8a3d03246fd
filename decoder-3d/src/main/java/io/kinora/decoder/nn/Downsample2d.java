package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/** Halves height and width by a convolution of stride 2. Official class: diffusers {@code Downsample2D}. Thread-safe. */
public final class Downsample2d {
    private final Conv2d conv;
    private final boolean padsEnd;

    private Downsample2d(Conv2d conv, boolean padsEnd) {
        this.conv = conv;
        this.padsEnd = padsEnd;
    }

    /** As in U-Nets: one row or column of zeros on every side. Takes {@code conv}. */
    public static Downsample2d symmetric(Weights weights, long channels, Conv2d.Inflation inflation) {
        return new Downsample2d(Conv2d.strided(weights.at("conv"), channels, 1, inflation), false);
    }

    /** As in VAE encoders: a column of zeros on the right and a row at the bottom. Takes {@code conv}. */
    public static Downsample2d padEnd(Weights weights, long channels) {
        return new Downsample2d(Conv2d.strided(weights.at("conv"), channels, 0, Conv2d.Inflation.SPATIAL), true);
    }

    /** {@code [B·F, C, Y, X]} to {@code [B·F, C, ⌈Y/2⌉, ⌈X/2⌉]}; rounded down where padding stands at the end only. */
    public Tensor forward(Tensor x, long frames) {
        try (Scope scope = x.engine().scope()) {
            return scope.keep(conv.forward(padsEnd ? x.engine().pad(x, 0, 1, 0, 1) : x, frames));
        }
    }
}
