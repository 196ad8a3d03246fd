package io.kinora.actors.shard;

import io.kinora.model.llm.sample.Sampler;
import io.kinora.model.llm.sample.StopMatcher;
import io.kinora.model.text.StreamingDecoder;
import io.kinora.model.text.Tokenizer;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Text in the making: draws tokens, turns them into text, and knows when to stop. */
final class TextGeneration implements Generation {
    private final TextOptions options;
    private final Tokenizer tokenizer;
    private final Sampler sampler;
    private final StreamingDecoder decoder;
    private final StopMatcher stops;
    private final List<Integer> tokens = new ArrayList<>();
    private final BitSet seen = new BitSet();
    private final StringBuilder text = new StringBuilder();
    private TextEnd reason = TextEnd.CANCELLED;

    TextGeneration(Tokenizer tokenizer, TextOptions options) {
        this.options = options;
        this.tokenizer = tokenizer;
        this.sampler = new Sampler(options.sampling());
        this.decoder = tokenizer.streamingDecoder(Tokenizer.SpecialTokens.SKIPPED);
        this.stops = new StopMatcher(options.stops());
    }

    @Override
    public int mostNewRows() {
        return options.maxNewTokens() - 1; // the last token is never read back
    }

    @Override
    public boolean wantsEmbedding() {
        return false;
    }

    @Override
    public Optional<Row> accept(Tensor output, Listener listener) { // (1, V)
        float[] logits = output.toFloats();
        int token = sampler.choose(logits, seen, tokens.size());
        if (isEnd(token)) {
            reason = TextEnd.STOP;
            return Optional.empty();
        }
        tokens.add(token);
        seen.set(token);
        String piece = stops.accept(decoder.next(token));
        text.append(piece);
        listener.token(tokens.size() - 1, token, piece, Sampler.logprob(logits, token));
        if (stops.found().isPresent()) {
            reason = TextEnd.STOP;
            return Optional.empty();
        }
        if (tokens.size() == options.maxNewTokens()) {
            reason = TextEnd.LENGTH;
            return Optional.empty();
        }
        return Optional.of(new Row.Token(token));
    }

    private boolean isEnd(int token) {
        return tokenizer.endId().isPresent() && tokenizer.endId().getAsInt() == token;
    }

    @Override
    public void end(Listener listener) {
        if (stops.found().isEmpty()) {
            text.append(stops.accept(decoder.finish())).append(stops.finish());
        }
        listener.text(text.toString(), tokens, reason);
    }

    @Override
    public void close() {
        // holds nothing native
    }
}
