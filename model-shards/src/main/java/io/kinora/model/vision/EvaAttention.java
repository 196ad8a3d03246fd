package io.kinora.model.vision;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Self-attention over all tokens of an image, with one matrix for queries, keys and values.
 *
 * <p>The bias of that matrix comes in two released forms: {@code qkv.bias} (Hugging Face), used as stored, or {@code q_bias} and
 * {@code v_bias} (native), where the keys have none. Letters: N images, T tokens, D width, H heads, d head width.
 */
final class EvaAttention implements AutoCloseable {
    private final LinearLayer qkv; // (3D, D): queries, keys, values; each head after head
    private final Optional<Tensor> joinedBias; // (3D), made here from the native form
    private final LinearLayer proj; // (D, D)
    private final int heads;
    private final int headWidth;

    EvaAttention(Weights weights, EvaConfig config, Optional<Quantization> quantization) {
        int D = config.width();
        this.heads = config.heads();
        this.headWidth = config.headWidth();
        Weights fused = weights.at("qkv");
        this.joinedBias = weights.has("q_bias")
                ? Optional.of(join(weights.take("q_bias", D), weights.take("v_bias", D)))
                : Optional.empty();
        Tensor bias = joinedBias.orElseGet(() -> fused.take("bias", 3L * D));
        this.qkv = LinearLayer.of(fused, "weight", bias, D, 3L * D, quantization);
        this.proj = LinearLayer.withBias(weights.at("proj"), D, D, quantization);
    }

    private static Tensor join(Tensor qBias, Tensor vBias) { // (D), (D) -> (3D)
        Engine engine = qBias.engine();
        try (Scope scope = engine.scope()) {
            Tensor kBias = engine.zeros(qBias.dtype(), qBias.dim(0));
            return scope.detach(engine.cat(List.of(qBias, kBias, vBias), 0));
        }
    }

    Tensor forward(Tensor x) { // (N, T, D) -> (N, T, D)
        long N = x.dim(0);
        long T = x.dim(1);
        Tensor parts = qkv.forward(x).reshape(N, T, 3, heads, headWidth);
        Tensor q = heads(parts, 0); // (N, H, T, d)
        Tensor k = heads(parts, 1);
        Tensor v = heads(parts, 2);
        Tensor mixed = x.engine().attention(q, k, v, AttentionMask.NONE, 1 / Math.sqrt(headWidth)); // (N, H, T, d)
        return proj.forward(mixed.permute(0, 2, 1, 3).reshape(N, T, (long) heads * headWidth));
    }

    private static Tensor heads(Tensor parts, int part) { // (N, T, 3, H, d) -> (N, H, T, d)
        return parts.select(2, part).permute(0, 2, 1, 3);
    }

    @Override
    public void close() {
        qkv.close();
        proj.close();
        joinedBias.ifPresent(Tensor::close);
    }
}
