package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/**
 * Transformer over the frames of each pixel, added to the input. There is no position in it: order comes from the temporal
 * convolutions.
 *
 * <p>Official class: diffusers {@code TransformerTemporalModel} with double self-attention. Thread-safe.
 */
public final class TransformerTemporalModel {
    private static final double EPS = 1e-6;

    private final GroupNorm norm;
    private final Linear projIn; // C -> inner
    private final BasicTransformerBlock block;
    private final Linear projOut; // inner -> C

    /** Takes {@code norm, proj_in, transformer_blocks.0, proj_out}; the inner width is heads · headWidth. */
    public TransformerTemporalModel(Weights weights, long channels, int groups, long heads, long headWidth) {
        long inner = heads * headWidth;
        this.norm = new GroupNorm(weights.at("norm"), channels, groups, EPS);
        this.projIn = Linear.of(weights.at("proj_in"), channels, inner);
        this.block = new BasicTransformerBlock(weights.at("transformer_blocks.0"), heads, headWidth, inner);
        this.projOut = Linear.of(weights.at("proj_out"), inner, channels);
    }

    /** {@code [B·F, C, Y, X]} to the same. */
    public Tensor forward(Tensor x, long frames) {
        try (Scope scope = x.engine().scope()) {
            Tensor normed = norm.forward(ChannelsLast.video(x, frames)); // statistics over all frames
            Tensor tokens = byFrame(ChannelsLast.images(normed), frames); // [B, F, P, C]
            Tensor mixed = block.forwardOverFrames(projIn.forward(tokens)); // [B, F, P, inner]
            Tensor sum = projOut.forwardAdd(mixed, byFrame(x, frames)); // [B, F, P, C]
            Tensor images = sum.reshape(x.dim(0), x.dim(2) * x.dim(3), x.dim(1)); // [B·F, P, C]
            return scope.keep(ChannelsLast.image(images, x.dim(2), x.dim(3)));
        }
    }

    /** {@code [B·F, C, Y, X]} to {@code [B, F, Y·X, C]}. */
    private static Tensor byFrame(Tensor x, long frames) {
        return ChannelsLast.tokens(x).reshape(x.dim(0) / frames, frames, x.dim(2) * x.dim(3), x.dim(1));
    }
}
