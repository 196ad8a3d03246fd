package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import io.kinora.model.llm.sample.SamplingSettings;
import java.util.List;

/**
 * How a text is generated.
 *
 * @param sampling how tokens are drawn
 * @param maxNewTokens where it ends at the latest
 * @param stops texts before which it ends; they do not become part of it
 */
public record TextOptions(SamplingSettings sampling, int maxNewTokens, List<String> stops) implements KryoMessage {
    /** Checks that at least one token may come. */
    public TextOptions {
        stops = List.copyOf(stops);
        if (maxNewTokens < 1) {
            throw new IllegalArgumentException("max_new_tokens is %d, needs to be at least 1".formatted(maxNewTokens));
        }
    }

    /** The best token always, up to that many. */
    public static TextOptions greedy(int maxNewTokens) {
        return new TextOptions(SamplingSettings.GREEDY, maxNewTokens, List.of());
    }
}
