package io.kinora.decoder.audio;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * A convolution over time whose weight may be stored as direction and length (weight normalisation, Salimans and Kingma 2016,
 * arXiv:1602.07868): {@code w = g · v / ‖v‖}, a length for each index of the first axis. They are put together when it is taken.
 */
final class SoundConv implements AutoCloseable {
    private final Tensor weight;
    private final Tensor bias; // [O]
    /** Whether the weight was put together here, and is freed here. */
    private final boolean composed;

    private SoundConv(Weights weights, long channelsOut, long... shape) {
        Optional<Tensor> product = normalized(weights, shape);
        this.composed = product.isPresent();
        this.weight = product.orElseGet(() -> weights.take("weight", shape));
        this.bias = weights.take("bias", channelsOut);
    }

    /** Takes {@code weight [O, C, K]}. */
    static SoundConv of(Weights weights, long in, long out, long kernel) {
        return new SoundConv(weights, out, out, in, kernel);
    }

    /** Takes the {@code weight [C, O, K]} of a transposed convolution. */
    static SoundConv transposed(Weights weights, long in, long out, long kernel) {
        return new SoundConv(weights, out, in, out, kernel);
    }

    /** {@code [B, C, L]} to {@code [B, O, L]}, with zeros around. */
    Tensor forward(Tensor x, int dilation) {
        int kernel = Math.toIntExact(weight.dim(2));
        int padding = (kernel * dilation - dilation) / 2;
        return x.engine().conv1d(x, weight, Optional.of(bias), 1, padding, dilation, 1);
    }

    /** {@code [B, C, L]} to {@code [B, O, rate·L]}, or one more where kernel and rate differ by an odd number. */
    Tensor upsample(Tensor x, int rate) {
        int padding = (Math.toIntExact(weight.dim(2)) - rate) / 2;
        return x.engine().convTranspose1d(x, weight, Optional.of(bias), rate, padding);
    }

    DType dtype() {
        return weight.dtype();
    }

    /** Under the names of torch before 2.0 and since. */
    private static Optional<Tensor> normalized(Weights weights, long... shape) {
        boolean old = weights.has("weight_g");
        if (!old && !weights.has("parametrizations.weight.original0")) {
            return Optional.empty();
        }
        Tensor length = weights.take(old ? "weight_g" : "parametrizations.weight.original0", shape[0], 1, 1);
        Tensor direction = weights.take(old ? "weight_v" : "parametrizations.weight.original1", shape);
        try (Scope scope = weights.engine().scope()) {
            Tensor rows = direction.to(DType.F32).reshape(shape[0], -1);
            Tensor norm = rows.mul(rows).sum(1).sqrt().reshape(shape[0], 1, 1);
            Tensor product = direction.to(DType.F32).mul(length.to(DType.F32).div(norm));
            return Optional.of(scope.detach(product.to(direction.dtype()).contiguous()));
        }
    }

    @Override
    public void close() {
        if (composed) {
            weight.close();
        }
    }
}
