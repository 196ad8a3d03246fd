package io.kinora.kafka.record;

/**
 * How probable one of the allowed answers is, given that it is one of them.
 *
 * @param choice the answer, as it was asked for
 * @param probability 0 to 1, to four decimals; those of all choices sum to 1 but for the rounding
 */
public record ChoiceProbability(String choice, double probability) {
    /** Checks the range. */
    public ChoiceProbability {
        Checks.text("choices.choice", choice, AnswerSettings.MAX_CHOICE_LENGTH);
        Checks.range("choices.probability", probability, 0, 1);
    }
}
