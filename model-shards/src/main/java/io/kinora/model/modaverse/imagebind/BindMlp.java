package io.kinora.model.modaverse.imagebind;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/** Two linear maps with the exact GELU between them. */
final class BindMlp implements AutoCloseable {
    private final LinearLayer fc1; // (M, D)
    private final LinearLayer fc2; // (D, M)

    BindMlp(Weights weights, TrunkConfig config, Optional<Quantization> quantization) {
        this.fc1 = LinearLayer.withBias(weights.at("fc1"), config.width(), config.hidden(), quantization);
        this.fc2 = LinearLayer.withBias(weights.at("fc2"), config.hidden(), config.width(), quantization);
    }

    Tensor forward(Tensor x) { // (N, T, D) -> (N, T, D)
        return fc2.forward(fc1.forward(x).gelu());
    }

    @Override
    public void close() {
        fc1.close();
        fc2.close();
    }
}
