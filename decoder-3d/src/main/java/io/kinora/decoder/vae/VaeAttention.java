package io.kinora.decoder.vae;

import io.kinora.decoder.nn.ChannelsLast;
import io.kinora.decoder.nn.GroupNorm;
import io.kinora.decoder.nn.Linear;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/**
 * Attention of an image's pixels to one another with a single head as wide as the image is deep, added to the input.
 *
 * <p>Reads the names of today ({@code to_q, to_k, to_v, to_out.0}) and those of the first releases ({@code query, key, value,
 * proj_attn}). Thread-safe.
 */
final class VaeAttention {
    private final GroupNorm norm;
    private final Linear toQ;
    private final Linear toK;
    private final Linear toV;
    private final Linear toOut;

    VaeAttention(Weights weights, long channels, int groups) {
        boolean old = !weights.has("to_q.weight") && weights.has("query.weight");
        this.norm = new GroupNorm(weights.at("group_norm"), channels, groups, VaeBlocks.EPS);
        this.toQ = Linear.of(weights.at(old ? "query" : "to_q"), channels, channels);
        this.toK = Linear.of(weights.at(old ? "key" : "to_k"), channels, channels);
        this.toV = Linear.of(weights.at(old ? "value" : "to_v"), channels, channels);
        this.toOut = Linear.of(weights.at(old ? "proj_attn" : "to_out.0"), channels, channels);
    }

    /** {@code [N, C, Y, X]} to the same. */
    Tensor forward(Tensor x) {
        try (Scope scope = x.engine().scope()) {
            Tensor tokens = ChannelsLast.tokens(norm.forward(x)); // [N, P, C]
            Tensor q = toQ.forward(tokens).unsqueeze(1); // [N, 1, P, C]
            Tensor k = toK.forward(tokens).unsqueeze(1);
            Tensor v = toV.forward(tokens).unsqueeze(1);
            double scale = 1 / Math.sqrt((double) x.dim(1));
            Tensor attended =
                    x.engine().attention(q, k, v, AttentionMask.NONE, scale).squeeze(1); // [N, P, C]
            Tensor out = ChannelsLast.image(toOut.forward(attended), x.dim(2), x.dim(3));
            return scope.keep(out.addOver(x));
        }
    }
}
