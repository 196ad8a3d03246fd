package io.kinora.training.optim;

import io.kinora.training.model.Parameter;
import java.util.List;

/**
 * How parameters are moved.
 *
 * @param rate learning rate by step
 * @param beta1 decay of AdamW's mean of gradients
 * @param beta2 decay of its mean of squares
 * @param decay weight decay of matrices; norms and biases have none
 * @param clip longest gradient; longer ones are scaled down to it
 * @param averaging decay of the moving average of the parameters, which is what is released
 * @param orthogonal prefixes of the names whose matrices and kernels Muon moves in place of AdamW
 */
public record OptimizerSettings(
        LearningRate rate,
        double beta1,
        double beta2,
        double decay,
        double clip,
        double averaging,
        List<String> orthogonal) {
    /** AdamW for all. */
    public OptimizerSettings(
            LearningRate rate, double beta1, double beta2, double decay, double clip, double averaging) {
        this(rate, beta1, beta2, decay, clip, averaging, List.of());
    }

    /** Checks the ranges that nothing else checks. */
    public OptimizerSettings {
        orthogonal = List.copyOf(orthogonal);
        if (!(clip > 0) || !(averaging >= 0 && averaging < 1)) {
            throw new IllegalArgumentException(
                    "gradients are clipped at more than 0 and averages decay by 0 to 1, got %s and %s"
                            .formatted(clip, averaging));
        }
    }

    /** Whether Muon moves a parameter. */
    boolean orthogonalises(Parameter parameter) {
        return parameter.decays() && orthogonal.stream().anyMatch(parameter.name()::startsWith);
    }
}
