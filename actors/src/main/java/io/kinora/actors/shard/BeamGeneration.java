package io.kinora.actors.shard;

import io.kinora.model.llm.sample.BeamSearch;
import io.kinora.model.text.Tokenizer;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The best text that a beam search finds. Each beam is a sequence of its own; the search goes on once all of them have their results, and which tokens
 * are certain is known at the end only.
 */
final class BeamGeneration implements Generation {
    private final LanguageModelRequest.BestText wanted;
    private final Tokenizer tokenizer;
    private final BeamSearch search;
    private final TreeMap<Integer, float[]> results = new TreeMap<>(); // by sequence

    BeamGeneration(Tokenizer tokenizer, LanguageModelRequest.BestText wanted) {
        this.wanted = wanted;
        this.tokenizer = tokenizer;
        Set<Integer> ends =
                tokenizer.endId().isPresent() ? Set.of(tokenizer.endId().getAsInt()) : Set.of();
        int none = tokenizer.vocabularySize();
        this.search = new BeamSearch(wanted.beams(), tokenizer.beginId().orElse(none), ends, wanted.maxNewTokens());
    }

    @Override
    public int places() {
        return wanted.beams().beams();
    }

    @Override
    public int mostNewRows() {
        return wanted.maxNewTokens() - 1; // the last token is never read back
    }

    @Override
    public Next accept(int sequence, Tensor output, Listener listener) { // (1, V)
        results.put(sequence, output.toFloats());
        if (results.size() < search.open()) {
            return new Next.Wait();
        }
        List<Move> moves = search.advance(List.copyOf(results.values())).stream()
                .map(move -> Move.of(move.parent(), new Row.Token(move.token())))
                .toList();
        results.clear();
        return search.isDone() ? new Next.End() : new Next.Moves(moves);
    }

    @Override
    public boolean isTextSoFar() {
        return false;
    }

    @Override
    public void end(Listener listener) {
        WrittenText written = new WrittenText(tokenizer, wanted.stops());
        for (int token : search.best()) {
            if (!written.isStopped()) {
                listener.token(written.tokens().size(), token, written.add(token), Optional.empty());
            }
        }
        boolean complete = search.isBestEnded() || written.isStopped();
        listener.text(written.finish(), written.tokens(), complete ? TextEnd.STOP : TextEnd.LENGTH);
    }
}
