package io.kinora.model.llm;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.RmsNorm;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/** One layer of the language model: attention and feed-forward part, each on a normalised input and added to it. */
final class LlamaLayer implements AutoCloseable {
    private final RmsNorm inputLayernorm;
    private final LlamaAttention selfAttn;
    private final RmsNorm postAttentionLayernorm;
    private final LlamaMlp mlp;

    LlamaLayer(Weights weights, LlamaConfig config, Optional<Quantization> quantization) {
        this.inputLayernorm = new RmsNorm(weights.at("input_layernorm"), config.hiddenSize(), config.rmsNormEps());
        this.selfAttn = new LlamaAttention(weights.at("self_attn"), config, quantization);
        this.postAttentionLayernorm =
                new RmsNorm(weights.at("post_attention_layernorm"), config.hiddenSize(), config.rmsNormEps());
        this.mlp = new LlamaMlp(weights.at("mlp"), config, quantization);
    }

    /** Type of its activations. */
    DType dtype() {
        return inputLayernorm.dtype();
    }

    /** {@code layer} counts within the stage. */
    Tensor forward(Tensor x, RotaryTable.Angles angles, CachedBatch batch, int layer) { // (N, D) -> (N, D)
        try (Scope scope = x.engine().scope()) {
            Tensor attended = x.add(selfAttn.forward(inputLayernorm.forward(x), angles, batch, layer));
            return scope.keep(attended.add(mlp.forward(postAttentionLayernorm.forward(attended))));
        }
    }

    /** Whole sequences at once, without the cache. */
    Tensor forward(Tensor x, RotaryTable.Angles angles, AttentionMask mask) { // (B, T, D) -> (B, T, D)
        try (Scope scope = x.engine().scope()) {
            Tensor attended = x.add(selfAttn.forward(inputLayernorm.forward(x), angles, mask));
            return scope.keep(attended.add(mlp.forward(postAttentionLayernorm.forward(attended))));
        }
    }

    @Override
    public void close() {
        selfAttn.close();
        mlp.close();
    }
}
