package io.kinora.model.llm.sample;

import java.util.ArrayList;
import java.util.List;

/**
 * Probabilities of given choices as the answer to a prompt: each is scored with all its tokens, and the scores are scaled to sum to one
 * over the choices.
 *
 * <p>The caller runs the model once more, on {@link #feed} of each choice behind the prompt (a fork for each), and hands over the scores.
 * Where one choice begins with all of another, every choice is scored with the end of the answer behind it, since the shorter one would
 * win else. Immutable and thread-safe.
 */
public final class ChoiceScoring {
    private final List<List<Integer>> choices;

    /**
     * For these choices.
     *
     * @param choices at least two, each of at least one token, none twice
     * @param endToken ends an answer
     * @throws IllegalArgumentException if a choice is empty or stands twice, or there are fewer than two
     */
    public ChoiceScoring(List<List<Integer>> choices, int endToken) {
        if (choices.size() < 2 || choices.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException("give at least two choices, each of at least one token, got " + choices);
        }
        if (choices.stream().distinct().count() != choices.size()) {
            throw new IllegalArgumentException("a choice stands twice in " + choices);
        }
        boolean nested = choices.stream().anyMatch(a -> choices.stream()
                .anyMatch(b -> b.size() > a.size() && b.subList(0, a.size()).equals(a)));
        this.choices = choices.stream()
                .map(choice -> nested ? ended(choice, endToken) : List.copyOf(choice))
                .toList();
    }

    private static List<Integer> ended(List<Integer> choice, int endToken) {
        List<Integer> longer = new ArrayList<>(choice);
        longer.add(endToken);
        return List.copyOf(longer);
    }

    /** Number of choices. */
    public int size() {
        return choices.size();
    }

    /** Tokens to run behind the prompt for a choice, all but its last one; empty if the prompt's own scores are enough. */
    public List<Integer> feed(int choice) {
        List<Integer> tokens = choices.get(choice);
        return tokens.subList(0, tokens.size() - 1);
    }

    /** The tokens of a choice, the end of the answer included where it is scored. */
    public List<Integer> tokens(int choice) {
        return choices.get(choice);
    }

    /**
     * The probability of each choice.
     *
     * @param promptLogits scores behind the prompt
     * @param feedLogits for each choice, the scores behind each token of its {@link #feed}
     */
    public List<Double> probabilities(float[] promptLogits, List<List<float[]>> feedLogits) {
        if (feedLogits.size() != choices.size()) {
            throw new IllegalArgumentException(
                    "%d choices, got scores of %d".formatted(choices.size(), feedLogits.size()));
        }
        List<Double> logprobs = new ArrayList<>();
        for (int c = 0; c < choices.size(); c++) {
            List<Integer> tokens = choices.get(c);
            double sum = Sampler.logprob(promptLogits, tokens.get(0));
            for (int i = 1; i < tokens.size(); i++) {
                sum += Sampler.logprob(feedLogits.get(c).get(i - 1), tokens.get(i));
            }
            logprobs.add(sum);
        }
        return scaled(logprobs);
    }

    /** Probabilities that sum to one, from the summed logarithms of each choice's tokens. */
    public static List<Double> scaled(List<Double> logprobs) {
        double max = logprobs.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        double all = logprobs.stream()
                .mapToDouble(logprob -> Math.exp(logprob - max))
                .sum();
        return logprobs.stream().map(logprob -> Math.exp(logprob - max) / all).toList();
    }
}
