package io.kinora.kafka.record;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How an answer is written, or chosen: what of a question decides about the answer besides its text and its clip.
 *
 * @param maxNewTokens ceiling of the answer's length in tokens, 1 to {@value #MAX_NEW_TOKENS}
 * @param temperature of the sampling, 0 (the best token always) to {@value #MAX_TEMPERATURE}
 * @param topK draws from the k best tokens only; 0 for all
 * @param topP draws from the best tokens that together reach this probability; more than 0, 1 for all
 * @param minP draws from tokens with at least this share of the best one's probability; 0 for all
 * @param repetitionPenalty more than 0, at most {@value #MAX_REPETITION_PENALTY}; 1 for none
 * @param seed of the draws, not negative
 * @param stop texts before which the answer ends, at most {@value #MAX_STOPS}
 * @param beams hypotheses of a beam search, 1 (none) to {@value #MAX_BEAMS}
 * @param lengthPenalty of a beam search; empty for the one that the checkpoint's release uses
 * @param topLogprobs empty for no logarithms of probabilities; else each token comes with its own, and with those of this many of the most probable
 *     tokens at its place, 0 to {@value #MAX_TOP_LOGPROBS}
 * @param choices the only answers allowed, 2 to {@value #MAX_CHOICES}, or none for a free answer; the answer is then the most probable one, with the
 *     probabilities of all
 */
public record AnswerSettings(
        int maxNewTokens,
        double temperature,
        int topK,
        double topP,
        double minP,
        double repetitionPenalty,
        long seed,
        List<String> stop,
        int beams,
        Optional<Double> lengthPenalty,
        Optional<Integer> topLogprobs,
        List<String> choices) {
    public static final int MAX_NEW_TOKENS = 4_096;
    public static final double MAX_TEMPERATURE = 2;
    public static final int MAX_TOP_K = 1_000_000;
    public static final double MAX_REPETITION_PENALTY = 10;
    public static final int MAX_STOPS = 16;
    public static final int MAX_STOP_LENGTH = 256;
    public static final int MAX_BEAMS = 16;
    public static final double MAX_LENGTH_PENALTY = 10;
    public static final int MAX_TOP_LOGPROBS = 20;
    public static final int MAX_CHOICES = 64;
    public static final int MAX_CHOICE_LENGTH = 256;
    public static final int DEFAULT_MAX_NEW_TOKENS = 128;

    /** Checks every range, and that what is asked for goes together. */
    public AnswerSettings {
        Checks.range("maxNewTokens", maxNewTokens, 1, MAX_NEW_TOKENS);
        Checks.range("temperature", temperature, 0, MAX_TEMPERATURE);
        Checks.range("topK", topK, 0, MAX_TOP_K);
        Checks.positive("topP", topP, 1);
        Checks.range("minP", minP, 0, 1);
        Checks.positive("repetitionPenalty", repetitionPenalty, MAX_REPETITION_PENALTY);
        Checks.notNegative("seed", seed);
        stop = texts("stop", stop, MAX_STOPS, MAX_STOP_LENGTH);
        Checks.range("beams", beams, 1, MAX_BEAMS);
        lengthPenalty.ifPresent(
                penalty -> Checks.range("lengthPenalty", penalty, -MAX_LENGTH_PENALTY, MAX_LENGTH_PENALTY));
        topLogprobs.ifPresent(count -> Checks.range("topLogprobs", count, 0, MAX_TOP_LOGPROBS));
        choices = texts("choices", choices, MAX_CHOICES, MAX_CHOICE_LENGTH);
        if (choices.size() == 1 || new HashSet<>(choices).size() != choices.size()) {
            throw new IllegalArgumentException(
                    "choices are %s, allowed are 2 to %d, none of them twice".formatted(choices, MAX_CHOICES));
        }
        if (beams > 1 && (temperature > 0 || topLogprobs.isPresent())) {
            throw new IllegalArgumentException(
                    "beams is %d, allowed with a temperature of 0 and without topLogprobs only".formatted(beams));
        }
        if (!choices.isEmpty() && (temperature > 0 || beams > 1 || !stop.isEmpty() || topLogprobs.isPresent())) {
            throw new IllegalArgumentException(
                    "choices are given: nothing is drawn, so temperature, beams, stop and topLogprobs are not allowed");
        }
    }

    private static List<String> texts(String field, List<String> texts, int most, int longest) {
        Objects.requireNonNull(texts);
        if (texts.size() > most) {
            throw new IllegalArgumentException(
                    "%s has %d texts, allowed are at most %d".formatted(field, texts.size(), most));
        }
        for (String text : texts) {
            if (text == null || text.isEmpty() || text.length() > longest) {
                throw new IllegalArgumentException(
                        "%s holds \"%s\", allowed are texts of 1 to %d characters".formatted(field, text, longest));
            }
        }
        return List.copyOf(texts);
    }

    /** Every setting at its default: the best token always. */
    public static AnswerSettings of(long seed) {
        return new AnswerSettings(
                DEFAULT_MAX_NEW_TOKENS,
                0,
                0,
                1,
                0,
                1,
                seed,
                List.of(),
                1,
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** All of them as texts, in a fixed order: what an answer's id takes in. */
    List<String> determining() {
        return List.of(
                Integer.toString(maxNewTokens),
                Double.toString(temperature),
                Integer.toString(topK),
                Double.toString(topP),
                Double.toString(minP),
                Double.toString(repetitionPenalty),
                Long.toString(seed),
                Sha256.hexOf(stop),
                Integer.toString(beams),
                lengthPenalty.map(penalty -> Double.toString(penalty)).orElse("released"),
                topLogprobs.map(count -> Integer.toString(count)).orElse("none"),
                Sha256.hexOf(choices));
    }

    /** With another ceiling. */
    public AnswerSettings withMaxNewTokens(int tokens) {
        return new AnswerSettings(
                tokens,
                temperature,
                topK,
                topP,
                minP,
                repetitionPenalty,
                seed,
                stop,
                beams,
                lengthPenalty,
                topLogprobs,
                choices);
    }

    /** With another temperature. */
    public AnswerSettings withTemperature(double value) {
        return new AnswerSettings(
                maxNewTokens,
                value,
                topK,
                topP,
                minP,
                repetitionPenalty,
                seed,
                stop,
                beams,
                lengthPenalty,
                topLogprobs,
                choices);
    }

    /** With logarithms of probabilities. */
    public AnswerSettings withTopLogprobs(int count) {
        return new AnswerSettings(
                maxNewTokens,
                temperature,
                topK,
                topP,
                minP,
                repetitionPenalty,
                seed,
                stop,
                beams,
                lengthPenalty,
                Optional.of(count),
                choices);
    }

    /** With these texts as the only answers. */
    public AnswerSettings withChoices(List<String> allowed) {
        return new AnswerSettings(
                maxNewTokens,
                temperature,
                topK,
                topP,
                minP,
                repetitionPenalty,
                seed,
                stop,
                beams,
                lengthPenalty,
                topLogprobs,
                allowed);
    }
}
