package io.kinora.model.modaverse.imagebind;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Self-attention as torch's {@code MultiheadAttention} has it: one matrix for queries, keys and values, and in the audio trunk one more key
 * and value ({@code bias_k}, {@code bias_v}) that every token sees, behind the projected ones.
 *
 * <p>Letters: N inputs, T tokens, S keys (T or T + 1), D width, H heads, d head width.
 */
final class BindAttention implements AutoCloseable {
    private final LinearLayer inProj; // (3D, D): queries, keys, values
    private final LinearLayer outProj; // (D, D)
    private final Optional<Tensor> biasK; // (1, 1, D)
    private final Optional<Tensor> biasV; // (1, 1, D)
    private final int heads;
    private final int headWidth;

    BindAttention(Weights weights, TrunkConfig config, boolean biasKv, Optional<Quantization> quantization) {
        int D = config.width();
        this.heads = config.heads();
        this.headWidth = config.headWidth();
        this.inProj = LinearLayer.of(
                weights, "in_proj_weight", weights.take("in_proj_bias", 3L * D), D, 3L * D, quantization);
        this.outProj = LinearLayer.withBias(weights.at("out_proj"), D, D, quantization);
        this.biasK = biasKv ? Optional.of(weights.take("bias_k", 1, 1, D)) : Optional.empty();
        this.biasV = biasKv ? Optional.of(weights.take("bias_v", 1, 1, D)) : Optional.empty();
    }

    Tensor forward(Tensor x) { // (N, T, D) -> (N, T, D)
        List<Tensor> parts = inProj.forward(x).chunk(3, 2);
        Tensor q = heads(parts.get(0)); // (N, H, T, d)
        Tensor k = heads(extended(parts.get(1), biasK)); // (N, H, S, d)
        Tensor v = heads(extended(parts.get(2), biasV));
        Tensor mixed = x.engine().attention(q, k, v, AttentionMask.NONE, 1 / Math.sqrt(headWidth)); // (N, H, T, d)
        return outProj.forward(mixed.transpose(1, 2).reshape(x.dim(0), x.dim(1), (long) heads * headWidth));
    }

    private static Tensor extended(Tensor projected, Optional<Tensor> bias) { // (N, T, D) -> (N, S, D)
        Engine engine = projected.engine();
        return bias.map(row -> engine.cat(List.of(projected, row.expand(projected.dim(0), 1, -1)), 1))
                .orElse(projected);
    }

    private Tensor heads(Tensor x) { // (N, S, D) -> (N, H, S, d)
        return x.reshape(x.dim(0), x.dim(1), heads, headWidth).transpose(1, 2);
    }

    @Override
    public void close() {
        inProj.close();
        outProj.close();
    }
}
