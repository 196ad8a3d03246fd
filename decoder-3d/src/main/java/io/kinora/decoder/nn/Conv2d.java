package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * A 2D convolution of every frame, in an inflated network followed by a 1D convolution over the frames: {@code y = conv(x)},
 * {@code out = y + temporal(y)}.
 *
 * <p>The temporal part has width 3, zero padding, and the name {@code temporal} under the convolution's own. Being added to what
 * the spatial part gives, it leaves a 2D network unchanged while its weights are zero. Thread-safe.
 */
public final class Conv2d {
    /** Whether a convolution is followed by a temporal one. */
    public enum Inflation {
        /** Frames do not meet here. */
        SPATIAL,
        /** A temporal convolution of width 3 follows. */
        TEMPORAL
    }

    private final Tensor weight; // [O, C, k, k]
    private final Tensor bias; // [O]
    private final Optional<TemporalConv1d> temporal;
    private final int stride;
    private final int padding;

    private Conv2d(Weights weights, long in, long out, int kernel, int stride, int padding, Inflation inflation) {
        this.weight = weights.take("weight", out, in, kernel, kernel);
        this.bias = weights.take("bias", out);
        this.temporal = inflation == Inflation.TEMPORAL
                ? Optional.of(new TemporalConv1d(weights.at("temporal"), out))
                : Optional.empty();
        this.stride = stride;
        this.padding = padding;
    }

    /** Kernel 3×3, padding 1, stride 1. */
    public static Conv2d of3x3(Weights weights, long in, long out, Inflation inflation) {
        return new Conv2d(weights, in, out, 3, 1, 1, inflation);
    }

    /** Kernel 3×3, stride 2; the padding is 1 all round, or 0 where the caller pads. */
    public static Conv2d strided(Weights weights, long channels, int padding, Inflation inflation) {
        return new Conv2d(weights, channels, channels, 3, 2, padding, inflation);
    }

    /** Kernel 1×1. Mixes channels only, so it is never inflated. */
    public static Conv2d of1x1(Weights weights, long in, long out) {
        return new Conv2d(weights, in, out, 1, 1, 0, Inflation.SPATIAL);
    }

    /** {@code [B·F, C, Y, X]} to {@code [B·F, O, Y', X']}. */
    public Tensor forward(Tensor x, long frames) {
        return mixFrames(x.engine().conv2d(x, weight, Optional.of(bias), stride, padding), frames);
    }

    /**
     * {@link #forward} with what stands in for the bias: one row {@code [1, O]} for all samples, or one for each, {@code [B, O]}.
     * The rows already contain this convolution's bias.
     */
    Tensor forward(Tensor x, long frames, Tensor biasRows) {
        if (biasRows.dim(0) == 1) {
            Optional<Tensor> row = Optional.of(biasRows.select(0, 0)); // [O]
            return mixFrames(x.engine().conv2d(x, weight, row, stride, padding), frames);
        }
        Tensor y = x.engine().conv2d(x, weight, Optional.empty(), stride, padding); // [B·F, O, Y, X]
        long batch = biasRows.dim(0);
        Tensor shifted = y.reshape(batch, y.dim(0) / batch, y.dim(1), y.dim(2), y.dim(3)) // [B, F, O, Y, X]
                .addOver(biasRows.reshape(batch, 1, y.dim(1), 1, 1));
        return mixFrames(shifted.reshape(y.dim(0), y.dim(1), y.dim(2), y.dim(3)), frames);
    }

    /** Element type of the weights. */
    public DType dtype() {
        return weight.dtype();
    }

    Tensor bias() {
        return bias;
    }

    private Tensor mixFrames(Tensor y, long frames) {
        return temporal.map(mix -> y.addOver(mix.forward(y, frames))).orElse(y);
    }
}
