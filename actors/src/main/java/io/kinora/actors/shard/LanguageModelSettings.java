package io.kinora.actors.shard;

/**
 * Bounds of a {@link LanguageModel}.
 *
 * @param maxSequences sequences that are computed side by side
 * @param maxWaiting requests that wait for a place; the next one is rejected
 * @param maxWaitingRows tokens, of prompts and of answers at most, that may wait together; one request may always wait
 * @param stepRows most rows of one step: longer prompts are prefilled in pieces of this size, between which other sequences get their tokens
 * @param maxPositions longest sequence, prompt and answer together
 * @param maxPrefixes beginnings of prompts (a clip's frames) that are kept for the next question
 */
public record LanguageModelSettings(
        int maxSequences, int maxWaiting, long maxWaitingRows, int stepRows, int maxPositions, int maxPrefixes) {
    /** Checks that there is room for one sequence. */
    public LanguageModelSettings {
        atLeast("max-sequences", maxSequences, 1);
        atLeast("max-waiting", maxWaiting, 0);
        atLeast("max-waiting-tokens", maxWaitingRows, 0);
        atLeast("step-rows", stepRows, maxSequences);
        atLeast("max-positions", maxPositions, 2);
        atLeast("max-prefixes", maxPrefixes, 0);
    }

    private static void atLeast(String key, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "kinora.language-model.%s is %d, needs to be at least %d".formatted(key, value, least));
        }
    }
}
