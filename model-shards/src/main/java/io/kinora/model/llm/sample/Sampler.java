package io.kinora.model.llm.sample;

import java.util.BitSet;
import java.util.List;

/**
 * Chooses the next token of a sequence from a row of scores.
 *
 * <p>Immutable and thread-safe: what it chooses depends on the scores, the tokens seen, and the number of the draw.
 */
public final class Sampler {
    // Most answers' nuclei are smaller than this; sorting the whole vocabulary is the exception.
    private static final int FIRST_LOOK = 256;

    private final SamplingSettings settings;
    private final DrawSequence draws;

    /** A sampler for one sequence. */
    public Sampler(SamplingSettings settings) {
        this.settings = settings;
        this.draws = new DrawSequence(settings.seed());
    }

    /**
     * The next token.
     *
     * @param logits score of every token of the vocabulary
     * @param seen tokens that the repetition penalty applies to
     * @param step how many tokens of this sequence were drawn before
     * @throws IllegalArgumentException if a score is not a number
     */
    public int choose(float[] logits, BitSet seen, int step) {
        float[] scores = settings.repetitionPenalty() == 1 ? logits : penalised(logits, seen);
        return settings.isGreedy() ? Logits.best(scores) : distribution(scores).at(draws.at(step));
    }

    /**
     * The next token among those allowed, as if the others had no probability.
     *
     * @throws IllegalArgumentException if none is allowed, or a score is not a number
     */
    public int choose(float[] logits, BitSet seen, int step, BitSet allowed) {
        if (allowed.nextSetBit(0) < 0 || allowed.nextSetBit(0) >= logits.length) {
            throw new IllegalArgumentException("no token is allowed");
        }
        float[] scores = logits.clone();
        for (int token = allowed.nextClearBit(0); token < scores.length; token = allowed.nextClearBit(token + 1)) {
            scores[token] = Float.isNaN(scores[token]) ? scores[token] : Float.NEGATIVE_INFINITY;
        }
        return choose(scores, seen, step);
    }

    private float[] penalised(float[] logits, BitSet seen) {
        float[] scores = logits.clone();
        float penalty = (float) settings.repetitionPenalty();
        seen.stream()
                .filter(token -> token < scores.length)
                .forEach(
                        token -> scores[token] = scores[token] < 0 ? scores[token] * penalty : scores[token] / penalty);
        return scores;
    }

    /** The tokens that may be drawn with their probabilities, best first; without truncation in the order of the vocabulary. */
    TokenDistribution distribution(float[] scores) {
        boolean truncated = settings.topK() > 0 || settings.topP() < 1 || settings.minP() > 0;
        if (!truncated) {
            return TokenDistribution.ofAll(scores, settings.temperature());
        }
        int most = settings.topK() > 0 ? Math.min(settings.topK(), scores.length) : scores.length;
        int look = Math.min(most, FIRST_LOOK);
        while (true) {
            List<Integer> best = Logits.largest(scores, look);
            TokenDistribution candidates = TokenDistribution.of(scores, best, settings.temperature());
            double mass = look == most ? 1 : candidates.shareOf(scores, settings.temperature());
            int kept = kept(candidates, mass);
            // The cut is certain only if it fell inside what was looked at.
            if (kept < look || look == most) {
                return candidates.first(kept);
            }
            look = (int) Math.min(most, 8L * look);
        }
    }

    /** How many of the candidates remain after top-p and min-p, when all candidates together have this share of the mass. */
    private int kept(TokenDistribution candidates, double mass) {
        double reached = 0;
        double floor = settings.minP() * candidates.probability(0);
        int count = 0;
        while (count < candidates.size()
                && (count == 0 || (reached < settings.topP() && candidates.probability(count) >= floor))) {
            reached += candidates.probability(count) * mass;
            count++;
        }
        return count;
    }

    /**
     * The logarithm of a token's probability under the model itself, before penalty, temperature and truncation.
     *
     * @throws IllegalArgumentException if a score is not a number
     */
    public static double logprob(float[] logits, int token) {
        return logits[token] - Logits.logSum(logits);
    }

    /** The token with the largest score, the first of equals. */
    public static int best(float[] logits) {
        return Logits.best(logits);
    }

    /** The most probable tokens under the model itself, best first. */
    public static List<ScoredToken> topLogprobs(float[] logits, int count) {
        double logSum = Logits.logSum(logits);
        return Logits.largest(logits, Math.min(count, logits.length)).stream()
                .map(token -> new ScoredToken(token, logits[token] - logSum))
                .toList();
    }
}
