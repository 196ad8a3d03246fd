package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Transformer over the pixels of each frame, with cross-attention to the conditioning, added to the input.
 *
 * <p>Official class: diffusers {@code Transformer2DModel} for continuous inputs. Thread-safe.
 */
public final class Transformer2dModel {
    private static final double EPS = 1e-6;

    private final GroupNorm norm;
    private final PixelProjection projIn;
    private final List<BasicTransformerBlock> blocks;
    private final PixelProjection projOut;
    private final FrameReach reach;
    private final boolean conditioned;

    /**
     * Sizes and choices of a transformer.
     *
     * @param channels width of the hidden state; inside, the width is heads · headWidth, normally the same
     * @param contextWidth width of the conditioning; empty if there is none and both attentions are self-attentions
     * @param linearProjection whether the projections are stored as linear layers; else they are 1×1 convolutions
     */
    public record Sizes(
            long channels,
            int groups,
            long heads,
            long headWidth,
            int depth,
            OptionalInt contextWidth,
            boolean linearProjection,
            FrameReach reach) {
        /** Checks that there is a head at all. */
        public Sizes {
            if (heads < 1 || headWidth < 1) {
                throw new IllegalArgumentException(
                        "%d channels give %d heads of width %d".formatted(channels, heads, headWidth));
            }
        }
    }

    /** Takes {@code norm, proj_in, transformer_blocks.N, proj_out}. */
    public Transformer2dModel(Weights weights, Sizes sizes) {
        long channels = sizes.channels;
        long inner = sizes.heads * sizes.headWidth;
        this.norm = new GroupNorm(weights.at("norm"), channels, sizes.groups, EPS);
        this.projIn = PixelProjection.of(weights.at("proj_in"), channels, inner, sizes.linearProjection);
        this.blocks = IntStream.range(0, sizes.depth)
                .mapToObj(depth -> new BasicTransformerBlock(
                        weights.at("transformer_blocks." + depth),
                        sizes.heads,
                        sizes.headWidth,
                        sizes.contextWidth.isPresent() ? sizes.contextWidth.getAsInt() : inner))
                .toList();
        this.projOut = PixelProjection.of(weights.at("proj_out"), inner, channels, sizes.linearProjection);
        this.reach = sizes.reach;
        this.conditioned = sizes.contextWidth.isPresent();
    }

    /** The attentions whose keys and values come from the conditioning. */
    public List<CrossAttention> crossAttentions() {
        return conditioned
                ? blocks.stream().map(BasicTransformerBlock::crossAttention).toList()
                : List.of();
    }

    /** {@code [B·F, C, Y, X]} to the same. */
    public Tensor forward(Tensor x, long frames, Context context) {
        try (Scope scope = x.engine().scope()) {
            Tensor tokens = projIn.forward(ChannelsLast.tokens(norm.forward(x))); // [B·F, P, C]
            for (BasicTransformerBlock block : blocks) {
                tokens = block.forward(tokens, frames, reach, keysAndValues(block, context));
            }
            Tensor sum = projOut.forwardAdd(tokens, ChannelsLast.tokens(x)); // [B·F, P, C]
            return scope.keep(ChannelsLast.image(sum, x.dim(2), x.dim(3)));
        }
    }

    private Optional<CrossAttention.KeyValue> keysAndValues(BasicTransformerBlock block, Context context) {
        return conditioned ? Optional.of(context.keysAndValues(block.crossAttention())) : Optional.empty();
    }
}
