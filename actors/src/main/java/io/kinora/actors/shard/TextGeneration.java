package io.kinora.actors.shard;

import io.kinora.model.llm.grammar.TokenConstraint;
import io.kinora.model.llm.sample.Sampler;
import io.kinora.model.llm.sample.ScoredToken;
import io.kinora.model.text.Tokenizer;
import io.kinora.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Text in the making: draws tokens, turns them into text, and knows when to stop. */
final class TextGeneration implements Generation {
    private final TextOptions options;
    private final Tokenizer tokenizer;
    private final Optional<TokenConstraint.Run> form;
    private final Sampler sampler;
    private final WrittenText written;
    private final BitSet seen = new BitSet();
    private TextEnd reason = TextEnd.CANCELLED;

    TextGeneration(Tokenizer tokenizer, TextOptions options, Optional<TokenConstraint.Run> form) {
        this.options = options;
        this.form = form;
        this.tokenizer = tokenizer;
        this.sampler = new Sampler(options.sampling());
        this.written = new WrittenText(tokenizer, options.stops());
    }

    @Override
    public int mostNewRows() {
        return options.maxNewTokens() - 1; // the last token is never read back
    }

    @Override
    public Next accept(int sequence, Tensor output, Listener listener) { // (1, V)
        float[] logits = output.toFloats();
        int index = written.tokens().size();
        int token = form.isPresent()
                ? sampler.choose(logits, seen, index, allowed(form.get()))
                : sampler.choose(logits, seen, index);
        if (tokenizer.endId().isPresent() && tokenizer.endId().getAsInt() == token) {
            return end(TextEnd.STOP);
        }
        form.ifPresent(run -> run.accept(token));
        seen.set(token);
        String piece = written.add(token);
        listener.token(index, token, piece, options.topLogprobs().map(best -> score(logits, token, best)));
        if (written.isStopped() || form.filter(TokenConstraint.Run::isOver).isPresent()) {
            return end(TextEnd.STOP);
        }
        return index + 1 == options.maxNewTokens() ? end(TextEnd.LENGTH) : Next.Moves.of(new Row.Token(token));
    }

    private BitSet allowed(TokenConstraint.Run run) {
        BitSet tokens = run.allowed();
        if (run.isWhole()) {
            tokenizer.endId().ifPresent(tokens::set);
        }
        return tokens;
    }

    private Next end(TextEnd why) {
        reason = why;
        return new Next.End();
    }

    private TokenScore score(float[] logits, int token, int best) {
        return new TokenScore(
                scored(new ScoredToken(token, Sampler.logprob(logits, token))),
                Sampler.topLogprobs(logits, best).stream().map(this::scored).toList());
    }

    private TokenScore.Scored scored(ScoredToken scored) {
        byte[] bytes = tokenizer.surface(scored.token());
        List<Integer> values = new ArrayList<>();
        for (byte value : bytes) {
            values.add(value & 0xff);
        }
        return new TokenScore.Scored(
                scored.token(), new String(bytes, StandardCharsets.UTF_8), values, scored.logprob());
    }

    @Override
    public boolean isTextSoFar() {
        return true;
    }

    @Override
    public void end(Listener listener) {
        listener.text(written.finish(), written.tokens(), reason);
    }
}
