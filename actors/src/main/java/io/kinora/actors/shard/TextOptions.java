package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import io.kinora.model.llm.GenerationSettings;
import io.kinora.model.llm.sample.SamplingSettings;
import java.util.List;
import java.util.Optional;

/**
 * How a text is generated.
 *
 * @param sampling how tokens are drawn
 * @param maxNewTokens where it ends at the latest
 * @param stops texts before which it ends; they do not become part of it
 * @param topLogprobs whether tokens come with their probabilities, and with those of how many others
 */
public record TextOptions(
        SamplingSettings sampling, int maxNewTokens, List<String> stops, Optional<Integer> topLogprobs)
        implements KryoMessage {
    /** Checks the ranges. */
    public TextOptions {
        stops = List.copyOf(stops);
        if (maxNewTokens < 1) {
            throw new IllegalArgumentException("max_new_tokens is %d, needs to be at least 1".formatted(maxNewTokens));
        }
        if (stops.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("a stop string has at least one character");
        }
        topLogprobs.ifPresent(count -> {
            if (count < 0 || count > GenerationSettings.MOST_LOGPROBS) {
                throw new IllegalArgumentException(
                        "top_logprobs is %d; allowed is 0 to %d".formatted(count, GenerationSettings.MOST_LOGPROBS));
            }
        });
    }

    /** Drawn tokens, up to that many. */
    public static TextOptions sampled(SamplingSettings sampling, int maxNewTokens) {
        return new TextOptions(sampling, maxNewTokens, List.of(), Optional.empty());
    }

    /** The best token always, up to that many. */
    public static TextOptions greedy(int maxNewTokens) {
        return sampled(SamplingSettings.GREEDY, maxNewTokens);
    }

    /** With probabilities of tokens, and of that many others at their places. */
    public TextOptions withTopLogprobs(int count) {
        return new TextOptions(sampling, maxNewTokens, stops, Optional.of(count));
    }

    /** With texts before which it ends. */
    public TextOptions withStops(List<String> texts) {
        return new TextOptions(sampling, maxNewTokens, texts, topLogprobs);
    }
}
