package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Device;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Attention, attention, feed-forward, each on a layer norm of the tokens and added to them. Official class: diffusers
 * {@code BasicTransformerBlock}. Thread-safe.
 */
public final class BasicTransformerBlock {
    private static final double EPS = 1e-5;

    // The gate's input is 8 C wide; by rows it stays in the processor's cache, and never becomes the peak of a forward
    // pass.
    private static final long CPU_CHUNK_BYTES = 8L << 20;
    private static final long GPU_CHUNK_BYTES = 256L << 20;

    private final LayerNorm norm1;
    private final CrossAttention attn1;
    private final LayerNorm norm2;
    private final CrossAttention attn2;
    private final LayerNorm norm3;
    private final GegluFeedForward feedForward;
    private final long width;

    /** Takes {@code norm1, attn1, norm2, attn2, norm3, ff}; the second attention's keys and values are of contextWidth. */
    public BasicTransformerBlock(Weights weights, long heads, long headWidth, long contextWidth) {
        this.width = heads * headWidth;
        this.norm1 = new LayerNorm(weights.at("norm1"), width, EPS);
        this.attn1 = new CrossAttention(weights.at("attn1"), width, width, heads, headWidth);
        this.norm2 = new LayerNorm(weights.at("norm2"), width, EPS);
        this.attn2 = new CrossAttention(weights.at("attn2"), width, contextWidth, heads, headWidth);
        this.norm3 = new LayerNorm(weights.at("norm3"), width, EPS);
        this.feedForward = new GegluFeedForward(weights.at("ff"), width);
    }

    CrossAttention crossAttention() {
        return attn2;
    }

    /** Tokens of images {@code [B·F, P, C]}, which are overwritten; without a context the second attention is a self-attention. */
    Tensor forward(Tensor x, long frames, FrameReach reach, Optional<CrossAttention.KeyValue> context) {
        return forward(
                x, tokens -> reach.attend(attn1, tokens, frames), tokens -> context.map(kv -> attn2.forward(tokens, kv))
                        .orElseGet(() -> attn2.forward(tokens)));
    }

    /** Tokens of pixels {@code [B, F, P, C]}, which are overwritten; both attentions run over the frames. */
    Tensor forwardOverFrames(Tensor x) {
        return forward(x, attn1::overFrames, attn2::overFrames);
    }

    private Tensor forward(Tensor x, UnaryOperator<Tensor> first, UnaryOperator<Tensor> second) {
        Tensor mixed = addAttention(x, norm1, first);
        return addFeedForward(addAttention(mixed, norm2, second));
    }

    private static Tensor addAttention(Tensor x, LayerNorm norm, UnaryOperator<Tensor> attention) {
        try (Scope scope = x.engine().scope()) {
            return scope.keep(x.addOver(attention.apply(norm.forward(x))));
        }
    }

    private Tensor addFeedForward(Tensor x) {
        try (Scope scope = x.engine().scope()) {
            Tensor rows = x.reshape(-1, width);
            long chunk = chunkRows(x);
            if (rows.dim(0) <= chunk || x.engine().isRecording()) {
                Tensor sum = rows.addOver(feedForward.forward(norm3.forward(rows)));
                return scope.keep(sum.reshape(x.shape().toArray()));
            }
            for (long from = 0; from < rows.dim(0); from += chunk) {
                try (Scope part = x.engine().scope()) {
                    Tensor some = rows.slice(0, from, Math.min(from + chunk, rows.dim(0)));
                    some.addInPlace(feedForward.forward(norm3.forward(some)));
                }
            }
            return scope.keep(rows.reshape(x.shape().toArray()));
        }
    }

    private long chunkRows(Tensor x) {
        long bytes = x.engine().device().kind() == Device.Kind.CPU ? CPU_CHUNK_BYTES : GPU_CHUNK_BYTES;
        return Math.max(1, bytes / (8 * width * x.dtype().bytes()));
    }
}
