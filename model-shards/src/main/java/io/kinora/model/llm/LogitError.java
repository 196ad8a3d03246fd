package io.kinora.model.llm;

import io.kinora.model.llm.sample.Sampler;
import java.util.List;

/**
 * How far the scores of a model in fewer bits are from those of the model in full.
 *
 * @param largest largest difference of a score
 * @param relative the same as a share of the largest score of the full model
 * @param divergence mean Kullback-Leibler divergence of the predicted distributions from the full model's, in nats
 * @param sameBest share of the rows whose best token is the same, 0 to 1
 */
public record LogitError(double largest, double relative, double divergence, double sameBest) {
    /**
     * Compares scores row by row.
     *
     * @throws IllegalArgumentException if there are no rows, or they do not correspond
     */
    public static LogitError between(List<float[]> full, List<float[]> reduced) {
        if (full.isEmpty() || full.size() != reduced.size()) {
            throw new IllegalArgumentException(
                    "compare as many rows of scores, got %d and %d".formatted(full.size(), reduced.size()));
        }
        double largest = 0;
        double peak = 0;
        double divergence = 0;
        int same = 0;
        for (int row = 0; row < full.size(); row++) {
            float[] a = full.get(row);
            float[] b = reduced.get(row);
            if (a.length != b.length) {
                throw new IllegalArgumentException("row %d has %d scores and %d".formatted(row, a.length, b.length));
            }
            double offset = Sampler.logprob(a, 0) - a[0];
            double otherOffset = Sampler.logprob(b, 0) - b[0];
            for (int token = 0; token < a.length; token++) {
                largest = Math.max(largest, Math.abs((double) a[token] - b[token]));
                peak = Math.max(peak, Math.abs(a[token]));
                double logprob = a[token] + offset;
                divergence += Math.exp(logprob) * (logprob - b[token] - otherOffset);
            }
            same += Sampler.best(a) == Sampler.best(b) ? 1 : 0;
        }
        return new LogitError(
                largest, peak == 0 ? largest : largest / peak, divergence / full.size(), (double) same / full.size());
    }
}
