package io.kinora.kafka.record;

/**
 * Tokens of one answer.
 *
 * @param prompt tokens (and visual embeddings) of the prompt
 * @param completion tokens the model wrote
 */
public record TokenCounts(int prompt, int completion) {
    public static final TokenCounts NONE = new TokenCounts(0, 0);

    public TokenCounts {
        Checks.notNegative("tokens.prompt", prompt);
        Checks.notNegative("tokens.completion", completion);
    }

    public int total() {
        return Math.addExact(prompt, completion);
    }
}
