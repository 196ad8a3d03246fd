package io.kinora.model.emu2;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.Tensor;
import java.util.Optional;

/**
 * The two maps between the encoder's width W and the language model's width D: {@code project_up} into the language model, and
 * {@code project_down}, the regression head, out of it. Neither has a bias, and nothing is normalised. Thread-safe.
 */
public final class Emu2Projections implements AutoCloseable {
    private final LinearLayer projectUp; // (D, W)
    private final LinearLayer projectDown; // (W, D)

    /** Takes both. */
    public Emu2Projections(Weights weights, Emu2Config config) {
        int W = config.vision().width();
        int D = config.language().hiddenSize();
        this.projectUp = LinearLayer.withoutBias(weights.at("project_up"), W, D, Optional.empty());
        this.projectDown = LinearLayer.withoutBias(weights.at("project_down"), D, W, Optional.empty());
    }

    /** Embeddings {@code [..., W]} to rows of the language model {@code [..., D]}. */
    public Tensor up(Tensor embeddings) {
        return projectUp.forward(embeddings);
    }

    /** Rows behind the final norm {@code [..., D]} to the embeddings they predict {@code [..., W]}. */
    public Tensor down(Tensor hidden) {
        return projectDown.forward(hidden);
    }

    @Override
    public void close() {
        projectUp.close();
        projectDown.close();
    }
}
