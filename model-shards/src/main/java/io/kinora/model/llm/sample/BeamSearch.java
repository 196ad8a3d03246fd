package io.kinora.model.llm.sample;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Beam search as the released Emu2 runs it (the rules of transformers 4.31): the caller computes scores for the open beams, and
 * {@link #advance} says which beam continues which, with which token.
 *
 * <p>A hypothesis is worth its summed log-probability divided by its length to the power of the length penalty; the length counts the
 * token that begins a sequence and not the one that ends it. Not thread-safe; one for each answer.
 */
public final class BeamSearch {
    /** One beam of the next step: which beam of this step it continues, and with which token. */
    public record Move(int parent, int token) {}

    private record Beam(List<Integer> tokens, double sum) {}

    private record Hypothesis(List<Integer> tokens, double value) {}

    private record Candidate(int beam, int token, double sum) {}

    private final BeamSettings settings;
    private final int beginToken;
    private final Set<Integer> endTokens;
    private final int maxTokens;
    private final List<Hypothesis> closed = new ArrayList<>();
    private List<Beam> open = List.of(new Beam(List.of(), 0));
    private boolean done;

    /**
     * A search that has chosen nothing yet.
     *
     * @param beginToken counts in every length and for the repetition penalty
     * @param endTokens close a hypothesis
     * @param maxTokens most tokens of a hypothesis
     */
    public BeamSearch(BeamSettings settings, int beginToken, Set<Integer> endTokens, int maxTokens) {
        if (maxTokens < 1) {
            throw new IllegalArgumentException("max_tokens is %d; allowed is 1 or more".formatted(maxTokens));
        }
        this.settings = settings;
        this.beginToken = beginToken;
        this.endTokens = Set.copyOf(endTokens);
        this.maxTokens = maxTokens;
    }

    /** Beams that scores are needed for: one at first (the prompt), then as many as the settings say. */
    public int open() {
        return open.size();
    }

    /** True once nothing better can be found, or all beams have their most tokens. */
    public boolean isDone() {
        return done;
    }

    /**
     * Chooses the beams of the next step.
     *
     * @param logits scores of the vocabulary behind each open beam, in order
     * @return how the next step's beams continue those of this one; empty when the search is done
     * @throws IllegalStateException if it is done already
     */
    public List<Move> advance(List<float[]> logits) {
        if (done) {
            throw new IllegalStateException("the search is done");
        }
        if (logits.size() != open.size()) {
            throw new IllegalArgumentException(
                    "%d beams are open, got %d rows of scores".formatted(open.size(), logits.size()));
        }
        List<Candidate> candidates = best(logits, 2 * settings.beams());
        int length = open.get(0).tokens().size() + 1;
        List<Move> moves = new ArrayList<>();
        List<Beam> next = new ArrayList<>();
        for (int rank = 0; rank < candidates.size() && next.size() < settings.beams(); rank++) {
            Candidate candidate = candidates.get(rank);
            List<Integer> tokens = open.get(candidate.beam()).tokens();
            if (endTokens.contains(candidate.token())) {
                if (rank < settings.beams()) {
                    close(new Hypothesis(tokens, value(candidate.sum(), length)));
                }
            } else {
                moves.add(new Move(candidate.beam(), candidate.token()));
                next.add(new Beam(with(tokens, candidate.token()), candidate.sum()));
            }
        }
        if (cannotImprove(candidates.get(0).sum(), length + 1) || next.isEmpty()) {
            done = true;
            return List.of();
        }
        open = List.copyOf(next);
        if (length == maxTokens) {
            open.forEach(beam -> close(new Hypothesis(beam.tokens(), value(beam.sum(), length + 1))));
            done = true;
            return List.of();
        }
        return moves;
    }

    /**
     * Tokens of the best hypothesis, without the one that ends it.
     *
     * @throws IllegalStateException if the search is not done
     */
    public List<Integer> best() {
        if (!done) {
            throw new IllegalStateException("the search is not done");
        }
        return closed.stream()
                .max(Comparator.comparingDouble(Hypothesis::value))
                .orElseThrow()
                .tokens();
    }

    /**
     * Whether the best hypothesis was ended by an end token, not by its most tokens.
     *
     * @throws IllegalStateException if the search is not done
     */
    public boolean isBestEnded() {
        return best().size() < maxTokens;
    }

    /** Tokens that all open beams begin with: those that are certain however the search goes on, unless a closed one wins. */
    List<Integer> openTokens(int beam) {
        return open.get(beam).tokens();
    }

    private double value(double sum, int length) {
        return sum / Math.pow(length, settings.lengthPenalty());
    }

    private void close(Hypothesis hypothesis) {
        closed.add(hypothesis);
        if (closed.size() > settings.beams()) {
            closed.remove(closed.stream()
                    .min(Comparator.comparingDouble(Hypothesis::value))
                    .orElseThrow());
        }
    }

    private boolean cannotImprove(double bestSum, int length) {
        return closed.size() >= settings.beams()
                && closed.stream().mapToDouble(Hypothesis::value).min().orElseThrow() >= value(bestSum, length);
    }

    private List<Candidate> best(List<float[]> logits, int count) {
        Comparator<Candidate> better = Comparator.comparingDouble((Candidate c) -> -c.sum())
                .thenComparingInt(Candidate::beam)
                .thenComparingInt(Candidate::token);
        PriorityQueue<Candidate> kept = new PriorityQueue<>(better.reversed());
        for (int beam = 0; beam < logits.size(); beam++) {
            float[] row = logits.get(beam);
            double logSum = Logits.logSum(row);
            Set<Integer> seen = settings.repetitionPenalty() == 1
                    ? Set.of()
                    : Set.copyOf(with(open.get(beam).tokens(), beginToken));
            for (int token = 0; token < row.length; token++) {
                double logprob = row[token] - logSum;
                double sum = open.get(beam).sum()
                        + (seen.contains(token) ? logprob * settings.repetitionPenalty() : logprob);
                if (kept.size() < count) {
                    kept.add(new Candidate(beam, token, sum));
                } else if (sum > kept.element().sum()) {
                    kept.remove();
                    kept.add(new Candidate(beam, token, sum));
                }
            }
        }
        List<Candidate> sorted = new ArrayList<>(kept);
        sorted.sort(better);
        return sorted;
    }

    private static List<Integer> with(List<Integer> tokens, int token) {
        List<Integer> longer = new ArrayList<>(tokens);
        longer.add(token);
        return List.copyOf(longer);
    }
}
