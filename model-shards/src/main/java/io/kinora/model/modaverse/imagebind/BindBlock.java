package io.kinora.model.modaverse.imagebind;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LayerNorm;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/** One block of a trunk: attention and feed-forward part, each on a normalised input and added to it. */
final class BindBlock implements AutoCloseable {
    private final LayerNorm norm1;
    private final BindAttention attn;
    private final LayerNorm norm2;
    private final BindMlp mlp;

    BindBlock(Weights weights, TrunkConfig config, boolean biasKv, Optional<Quantization> quantization) {
        this.norm1 = new LayerNorm(weights.at("norm_1"), config.width(), BindTrunk.EPS);
        this.attn = new BindAttention(weights.at("attn"), config, biasKv, quantization);
        this.norm2 = new LayerNorm(weights.at("norm_2"), config.width(), BindTrunk.EPS);
        this.mlp = new BindMlp(weights.at("mlp"), config, quantization);
    }

    Tensor forward(Tensor x) { // (N, T, D) -> (N, T, D)
        try (Scope scope = x.engine().scope()) {
            Tensor attended = x.add(attn.forward(norm1.forward(x)));
            return scope.keep(attended.add(mlp.forward(norm2.forward(attended))));
        }
    }

    @Override
    public void close() {
        attn.close();
        mlp.close();
    }
}
