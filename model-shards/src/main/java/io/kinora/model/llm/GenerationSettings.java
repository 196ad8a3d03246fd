package io.kinora.model.llm;

import io.kinora.model.llm.sample.SamplingSettings;
import java.util.Set;

/**
 * How an answer is generated.
 *
 * @param sampling how tokens are chosen
 * @param maxTokens most tokens of the answer, at least one
 * @param endTokens tokens that end it and are not part of it
 * @param topLogprobs how many alternatives are reported with each token; 0 for none
 */
public record GenerationSettings(SamplingSettings sampling, int maxTokens, Set<Integer> endTokens, int topLogprobs) {
    /** Most alternatives that can be asked for. */
    public static final int MOST_LOGPROBS = 20;

    /** Checks the ranges. */
    public GenerationSettings {
        endTokens = Set.copyOf(endTokens);
        if (maxTokens < 1) {
            throw new IllegalArgumentException("max_tokens is %d; allowed is 1 or more".formatted(maxTokens));
        }
        if (topLogprobs < 0 || topLogprobs > MOST_LOGPROBS) {
            throw new IllegalArgumentException(
                    "top_logprobs is %d; allowed is 0 to %d".formatted(topLogprobs, MOST_LOGPROBS));
        }
    }

    /** The best token always, up to a number of tokens, ending where the model says. */
    public static GenerationSettings greedy(LlamaConfig config, int maxTokens) {
        return new GenerationSettings(SamplingSettings.GREEDY, maxTokens, Set.copyOf(config.eosTokens()), 0);
    }
}
