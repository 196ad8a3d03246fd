package io.kinora.model.llm;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/** The gated feed-forward part, down(silu(gate(x)) · up(x)). Letters: N rows, D width. */
final class LlamaMlp implements AutoCloseable {
    private final LinearLayer gateProj; // (M, D)
    private final LinearLayer upProj; // (M, D)
    private final LinearLayer downProj; // (D, M)

    LlamaMlp(Weights weights, LlamaConfig config, Optional<Quantization> quantization) {
        int D = config.hiddenSize();
        int M = config.intermediateSize();
        this.gateProj = LinearLayer.withoutBias(weights.at("gate_proj"), D, M, quantization);
        this.upProj = LinearLayer.withoutBias(weights.at("up_proj"), D, M, quantization);
        this.downProj = LinearLayer.withoutBias(weights.at("down_proj"), M, D, quantization);
    }

    Tensor forward(Tensor x) { // (N, D) -> (N, D)
        return downProj.forward(x.engine().swiglu(gateProj.forward(x), upProj.forward(x)));
    }

    @Override
    public void close() {
        gateProj.close();
        upProj.close();
        downProj.close();
    }
}
