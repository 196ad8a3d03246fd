package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/** A convolution of width 3 over the frames of each pixel, zero before the first frame and after the last. Thread-safe. */
final class TemporalConv1d {
    private final Tensor weight; // [C, C, 3, 1, 1]
    private final Tensor bias; // [C]

    /** Takes {@code weight [C, C, 3, 1, 1]} and {@code bias [C]}. */
    TemporalConv1d(Weights weights, long channels) {
        this.weight = weights.take("weight", channels, channels, 3, 1, 1);
        this.bias = weights.take("bias", channels);
    }

    /** {@code [B·F, C, Y, X]} to the same. */
    Tensor forward(Tensor x, long frames) {
        return ChannelsLast.images(forward(ChannelsLast.video(x, frames)));
    }

    /** {@code [B, C, F, Y, X]} to the same. */
    Tensor forward(Tensor video) {
        return video.engine().conv3d(video, weight, Optional.of(bias), 1, 0, 0);
    }
}
