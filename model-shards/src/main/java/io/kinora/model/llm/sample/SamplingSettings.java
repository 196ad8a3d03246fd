package io.kinora.model.llm.sample;

/**
 * How the next token is drawn. The steps apply in this order, as in the reference implementation: repetition penalty, temperature,
 * top-k, top-p, min-p, draw.
 *
 * @param temperature divides the scores; 0 takes the best token always (greedy), and then nothing below but the penalty counts
 * @param topK only the k best tokens; 0 for all
 * @param topP only the best tokens that together reach this probability; 1 for all
 * @param minP only tokens with at least this share of the best one's probability; 0 for all
 * @param repetitionPenalty divides the positive and multiplies the negative scores of tokens seen before; 1 for none
 * @param seed chooses the sequence of draws
 */
public record SamplingSettings(
        double temperature, int topK, double topP, double minP, double repetitionPenalty, long seed) {
    /** The best token always. */
    public static final SamplingSettings GREEDY = new SamplingSettings(0, 0, 1, 0, 1, 0);

    /** Checks the ranges; the message names the value and what is allowed. */
    public SamplingSettings {
        require(Double.isFinite(temperature) && temperature >= 0, "temperature", temperature, "0 or more");
        require(topK >= 0, "top_k", topK, "0 or more");
        require(topP > 0 && topP <= 1, "top_p", topP, "more than 0 and at most 1");
        require(minP >= 0 && minP <= 1, "min_p", minP, "0 to 1");
        require(
                Double.isFinite(repetitionPenalty) && repetitionPenalty > 0,
                "repetition_penalty",
                repetitionPenalty,
                "more than 0");
    }

    private static void require(boolean holds, String name, Object got, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException("%s is %s; allowed is %s".formatted(name, got, allowed));
        }
    }

    /** Draws at a temperature, from all tokens. */
    public static SamplingSettings sampled(double temperature, long seed) {
        return new SamplingSettings(temperature, 0, 1, 0, 1, seed);
    }

    /** True if the best token is always taken. */
    public boolean isGreedy() {
        return temperature == 0;
    }

    /** These settings with another top-k. */
    public SamplingSettings withTopK(int k) {
        return new SamplingSettings(temperature, k, topP, minP, repetitionPenalty, seed);
    }

    /** These settings with another top-p. */
    public SamplingSettings withTopP(double p) {
        return new SamplingSettings(temperature, topK, p, minP, repetitionPenalty, seed);
    }

    /** These settings with another min-p. */
    public SamplingSettings withMinP(double p) {
        return new SamplingSettings(temperature, topK, topP, p, repetitionPenalty, seed);
    }

    /** These settings with another repetition penalty. */
    public SamplingSettings withRepetitionPenalty(double penalty) {
        return new SamplingSettings(temperature, topK, topP, minP, penalty, seed);
    }
}
