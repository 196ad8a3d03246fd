package io.kinora.model.llm.sample;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Arithmetic on one row of scores, in double precision. */
final class Logits {
    private Logits() {}

    /** Index of the first largest score. NaN anywhere is an {@link IllegalArgumentException}: the model is broken. */
    static int best(float[] logits) {
        int best = 0;
        for (int i = 0; i < logits.length; i++) {
            if (Float.isNaN(logits[i])) {
                throw new IllegalArgumentException("the score of token %d is not a number".formatted(i));
            }
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    /** What is subtracted from a score to make it a logarithm of a probability. */
    static double logSum(float[] logits) {
        double max = logits[best(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        return max + Math.log(sum);
    }

    /** Indices of the {@code count} largest scores, largest first, lower index first among equals. */
    static List<Integer> largest(float[] logits, int count) {
        if (count == 0) {
            return List.of();
        }
        Comparator<Integer> better =
                Comparator.<Integer>comparingDouble(i -> -logits[i]).thenComparingInt(i -> i);
        PriorityQueue<Integer> kept = new PriorityQueue<>(better.reversed());
        float worst = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < logits.length; i++) {
            if (kept.size() < count) {
                kept.add(i);
                worst = logits[kept.element()];
            } else if (logits[i] > worst) {
                kept.remove();
                kept.add(i);
                worst = logits[kept.element()];
            }
        }
        List<Integer> sorted = new ArrayList<>(kept);
        sorted.sort(better);
        return sorted;
    }
}
