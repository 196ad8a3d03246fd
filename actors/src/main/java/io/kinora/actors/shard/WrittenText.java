package io.kinora.actors.shard;

import io.kinora.model.llm.sample.StopMatcher;
import io.kinora.model.text.StreamingDecoder;
import io.kinora.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** Tokens becoming text, which ends before a stop string. Confined to the language model's thread. */
final class WrittenText {
    private final StreamingDecoder decoder;
    private final StopMatcher stops;
    private final List<Integer> tokens = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();

    WrittenText(Tokenizer tokenizer, List<String> stops) {
        this.decoder = tokenizer.streamingDecoder(Tokenizer.SpecialTokens.SKIPPED);
        this.stops = new StopMatcher(stops);
    }

    /** Adds a token, and returns the text that has become certain with it. */
    String add(int token) {
        tokens.add(token);
        String piece = stops.accept(decoder.next(token));
        text.append(piece);
        return piece;
    }

    boolean isStopped() {
        return stops.found().isPresent();
    }

    List<Integer> tokens() {
        return tokens;
    }

    /** The whole text; nothing can be added any more. */
    String finish() {
        if (!isStopped()) {
            text.append(stops.accept(decoder.finish())).append(stops.finish());
        }
        return text.toString();
    }
}
