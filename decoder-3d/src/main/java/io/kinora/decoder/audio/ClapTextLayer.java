package io.kinora.decoder.audio;

import io.kinora.decoder.nn.LayerNorm;
import io.kinora.decoder.nn.Linear;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/** RoBERTa's layer: self-attention and a feed-forward part, each added to its input and normalised afterwards. Thread-safe. */
final class ClapTextLayer {
    private final Linear query; // D -> D
    private final Linear key; // D -> D
    private final Linear value; // D -> D
    private final Linear attentionDense; // D -> D
    private final LayerNorm attentionNorm;
    private final Linear intermediate; // D -> mlp
    private final Linear outputDense; // mlp -> D
    private final LayerNorm outputNorm;
    private final ClapTextConfig config;

    ClapTextLayer(Weights weights, ClapTextConfig config) {
        int width = config.width();
        Weights attention = weights.at("attention");
        this.query = Linear.of(attention.at("self.query"), width, width);
        this.key = Linear.of(attention.at("self.key"), width, width);
        this.value = Linear.of(attention.at("self.value"), width, width);
        this.attentionDense = Linear.of(attention.at("output.dense"), width, width);
        this.attentionNorm = new LayerNorm(attention.at("output.LayerNorm"), width, config.eps());
        this.intermediate = Linear.of(weights.at("intermediate.dense"), width, config.mlpWidth());
        this.outputDense = Linear.of(weights.at("output.dense"), config.mlpWidth(), width);
        this.outputNorm = new LayerNorm(weights.at("output.LayerNorm"), width, config.eps());
        this.config = config;
    }

    /** {@code [B, T, D]} to the same. */
    Tensor forward(Tensor x, AttentionMask mask) {
        try (Scope scope = x.engine().scope()) {
            Tensor attended = attentionNorm.forward(
                    attentionDense.forward(attend(x, mask)).add(x));
            Tensor active = config.activation().apply(intermediate.forward(attended)); // [B, T, mlp]
            return scope.keep(outputNorm.forward(outputDense.forward(active).add(attended)));
        }
    }

    private Tensor attend(Tensor x, AttentionMask mask) {
        double scale = Math.sqrt((double) config.heads() / config.width());
        return x.engine()
                .attention(heads(query.forward(x)), heads(key.forward(x)), heads(value.forward(x)), mask, scale)
                .transpose(1, 2)
                .reshape(x.dim(0), x.dim(1), x.dim(2));
    }

    /** {@code [B, T, D]} to {@code [B, H, T, d]}. */
    private Tensor heads(Tensor x) {
        return x.reshape(x.dim(0), x.dim(1), config.heads(), x.dim(2) / config.heads())
                .transpose(1, 2);
    }
}
