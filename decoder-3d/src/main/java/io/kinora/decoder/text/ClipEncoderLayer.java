package io.kinora.decoder.text;

import io.kinora.decoder.nn.LayerNorm;
import io.kinora.decoder.nn.Linear;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;

/** Causal self-attention and a feed-forward part, each on a norm of the tokens and added to them. Thread-safe. */
final class ClipEncoderLayer {
    private final LayerNorm layerNorm1;
    private final QueryKeyValue queryKeyValue;
    private final Linear outProj;
    private final LayerNorm layerNorm2;
    private final Linear fc1;
    private final Linear fc2;
    private final ClipTextConfig config;

    /** Queries, keys and values {@code [B, T, D]} of tokens, however they are stored. */
    private interface QueryKeyValue {
        List<Tensor> forward(Tensor x);
    }

    ClipEncoderLayer(Weights weights, ClipTextConfig config, ClipNames names) {
        int width = config.width();
        Weights attention = weights.at(names.attention());
        this.config = config;
        this.layerNorm1 = new LayerNorm(weights.at(names.norm1()), width, config.eps());
        this.queryKeyValue = names == ClipNames.OPEN_CLIP ? stacked(attention, width) : separate(attention, width);
        this.outProj = Linear.of(attention.at("out_proj"), width, width);
        this.layerNorm2 = new LayerNorm(weights.at(names.norm2()), width, config.eps());
        this.fc1 = Linear.of(weights.at("mlp").at(names.fc1()), width, config.mlpWidth());
        this.fc2 = Linear.of(weights.at("mlp").at(names.fc2()), config.mlpWidth(), width);
    }

    private static QueryKeyValue separate(Weights attention, int width) {
        Linear q = Linear.of(attention.at("q_proj"), width, width);
        Linear k = Linear.of(attention.at("k_proj"), width, width);
        Linear v = Linear.of(attention.at("v_proj"), width, width);
        return x -> List.of(q.forward(x), k.forward(x), v.forward(x));
    }

    private static QueryKeyValue stacked(Weights attention, int width) {
        Linear all = Linear.named(attention, "in_proj_weight", "in_proj_bias", width, 3L * width);
        return x -> all.forward(x).chunk(3, 2);
    }

    /** {@code [B, T, D]} to the same. */
    Tensor forward(Tensor x) {
        try (Scope scope = x.engine().scope()) {
            Tensor attended = x.add(attend(layerNorm1.forward(x)));
            Tensor wide = fc1.forward(layerNorm2.forward(attended)); // [B, T, mlp]
            Tensor active = config.activation() == ClipTextConfig.Activation.GELU ? wide.gelu() : wide.quickGelu();
            return scope.keep(attended.add(fc2.forward(active)));
        }
    }

    private Tensor attend(Tensor x) {
        List<Tensor> qkv = queryKeyValue.forward(x).stream().map(this::heads).toList(); // [B, H, T, d]
        double scale = Math.sqrt((double) config.heads() / config.width());
        Tensor attended = x.engine().attention(qkv.get(0), qkv.get(1), qkv.get(2), AttentionMask.CAUSAL, scale);
        return outProj.forward(attended.transpose(1, 2).reshape(x.dim(0), x.dim(1), x.dim(2)));
    }

    private Tensor heads(Tensor x) {
        return x.reshape(x.dim(0), x.dim(1), config.heads(), x.dim(2) / config.heads())
                .transpose(1, 2);
    }
}
