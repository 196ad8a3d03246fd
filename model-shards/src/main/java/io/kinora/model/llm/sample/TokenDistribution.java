package io.kinora.model.llm.sample;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Tokens with probabilities that sum to one. Immutable. */
final class TokenDistribution {
    private final int[] tokens;
    private final double[] probabilities;

    private TokenDistribution(int[] tokens, double[] weights) {
        this.tokens = tokens;
        double sum = Arrays.stream(weights).sum();
        this.probabilities = Arrays.stream(weights).map(weight -> weight / sum).toArray();
    }

    static TokenDistribution ofAll(float[] scores, double temperature) {
        return over(scores, IntStream.range(0, scores.length).toArray(), temperature);
    }

    static TokenDistribution of(float[] scores, List<Integer> tokens, double temperature) {
        return over(scores, tokens.stream().mapToInt(Integer::intValue).toArray(), temperature);
    }

    private static TokenDistribution over(float[] scores, int[] tokens, double temperature) {
        double max = scores[Logits.best(scores)];
        double[] weights = Arrays.stream(tokens)
                .mapToDouble(token -> Math.exp((scores[token] - max) / temperature))
                .toArray();
        return new TokenDistribution(tokens, weights);
    }

    /** The share of all probability that these tokens have, as the scores stand. */
    double shareOf(float[] scores, double temperature) {
        double max = scores[Logits.best(scores)];
        double all = 0;
        for (float score : scores) {
            all += Math.exp((score - max) / temperature);
        }
        double mine = 0;
        for (int token : tokens) {
            mine += Math.exp((scores[token] - max) / temperature);
        }
        return mine / all;
    }

    int size() {
        return tokens.length;
    }

    int token(int index) {
        return tokens[index];
    }

    double probability(int index) {
        return probabilities[index];
    }

    /** The first {@code count} tokens, their probabilities scaled to sum to one. */
    TokenDistribution first(int count) {
        return count == tokens.length
                ? this
                : new TokenDistribution(Arrays.copyOf(tokens, count), Arrays.copyOf(probabilities, count));
    }

    /** The token in which a uniform number of [0, 1) falls. */
    int at(double uniform) {
        double reached = 0;
        int last = 0;
        for (int i = 0; i < tokens.length; i++) {
            if (probabilities[i] > 0) {
                reached += probabilities[i];
                last = i;
                if (uniform < reached) {
                    break;
                }
            }
        }
        return tokens[last];
    }
}
