package io.kinora.model.vision;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LayerNorm;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * One block of the encoder. Each norm stands inside the residual branch, behind attention or feed-forward part (post-norm); nothing
 * is normalised before them.
 */
final class EvaBlock implements AutoCloseable {
    private final EvaAttention attn;
    private final LayerNorm norm1;
    private final EvaMlp mlp;
    private final LayerNorm norm2;

    EvaBlock(Weights weights, EvaConfig config, Optional<Quantization> quantization) {
        this.attn = new EvaAttention(weights.at("attn"), config, quantization);
        this.norm1 = new LayerNorm(weights.at("norm1"), config.width(), config.eps());
        this.mlp = new EvaMlp(weights.at("mlp"), config, quantization);
        this.norm2 = new LayerNorm(weights.at("norm2"), config.width(), config.eps());
    }

    Tensor forward(Tensor x) { // (N, T, D) -> (N, T, D)
        try (Scope scope = x.engine().scope()) {
            Tensor attended = x.add(norm1.forward(attn.forward(x)));
            return scope.keep(attended.add(norm2.forward(mlp.forward(attended))));
        }
    }

    @Override
    public void close() {
        attn.close();
        mlp.close();
    }
}
