package io.kinora.model.llm;

import io.kinora.model.llm.grammar.TokenConstraint;
import io.kinora.model.llm.sample.BeamSearch;
import io.kinora.model.llm.sample.BeamSettings;
import io.kinora.model.llm.sample.ChoiceScoring;
import io.kinora.model.llm.sample.Sampler;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Generates answers one at a time on stages in this process: sampled or greedy, by beam search, or as probabilities of given choices.
 *
 * <p>A prompt is rows of embeddings, since pictures have no tokens. Confined to one thread.
 */
public final class TextGenerator {
    /** Rows of a prompt that are run at once where nothing else is asked for; bounds what activations take. */
    public static final int DEFAULT_CHUNK = 512;

    private final StageChain stages;
    private final int chunkRows;
    private long lastSequence;

    /** On these stages, prefilling in chunks of {@link #DEFAULT_CHUNK} rows. */
    public TextGenerator(StageChain stages) {
        this(stages, DEFAULT_CHUNK);
    }

    /** On these stages, prefilling in chunks of that many rows. */
    public TextGenerator(StageChain stages, int chunkRows) {
        if (chunkRows < 1) {
            throw new IllegalArgumentException("a chunk has at least one row, got " + chunkRows);
        }
        this.stages = stages;
        this.chunkRows = chunkRows;
    }

    /**
     * Answers a prompt.
     *
     * @param prompt embeddings {@code [T, D]}
     * @param wanted is given each token as it comes, and says whether more are wanted
     * @throws ContextLengthException if the prompt alone is longer than the model's context
     * @throws KvCacheFullException if the cache has no room
     */
    public GeneratedText generate(Tensor prompt, GenerationSettings settings, Predicate<GeneratedToken> wanted) {
        return generate(prompt, settings, Optional.empty(), wanted);
    }

    /**
     * Answers a prompt in a form. An answer that is whole ends where the model ends it, or where nothing may follow. Otherwise as
     * {@link #generate(Tensor, GenerationSettings, Predicate)}.
     *
     * @param form the way of this one answer; empty for any text
     * @throws IllegalArgumentException if the vocabulary cannot spell what the form demands
     */
    public GeneratedText generate(
            Tensor prompt,
            GenerationSettings settings,
            Optional<TokenConstraint.Run> form,
            Predicate<GeneratedToken> wanted) {
        Sampler sampler = new Sampler(settings.sampling());
        BitSet seen = new BitSet();
        List<GeneratedToken> tokens = new ArrayList<>();
        long sequence = ++lastSequence;
        int length = (int) prompt.dim(0);
        stages.open(sequence, length + settings.maxTokens());
        try {
            float[] logits = prefill(sequence, prompt);
            while (true) {
                if (form.isPresent() && form.get().isOver()) {
                    return new GeneratedText(tokens, FinishReason.STOP);
                }
                int token = form.isPresent()
                        ? sampler.choose(logits, seen, tokens.size(), allowed(form.get(), settings.endTokens()))
                        : sampler.choose(logits, seen, tokens.size());
                if (settings.endTokens().contains(token)) {
                    return new GeneratedText(tokens, FinishReason.STOP);
                }
                form.ifPresent(run -> run.accept(token));
                seen.set(token);
                tokens.add(new GeneratedToken(
                        token, Sampler.logprob(logits, token), Sampler.topLogprobs(logits, settings.topLogprobs())));
                if (!wanted.test(tokens.get(tokens.size() - 1))) {
                    return new GeneratedText(tokens, FinishReason.CANCELLED);
                }
                if (tokens.size() == settings.maxTokens()
                        || length == stages.config().maxPositions()) {
                    return new GeneratedText(tokens, FinishReason.LENGTH);
                }
                logits =
                        step(StageBatch.of(sequence, length, 1), List.of(token)).get(0);
                length++;
            }
        } finally {
            stages.free(sequence);
        }
    }

    private static BitSet allowed(TokenConstraint.Run form, Set<Integer> endTokens) {
        BitSet tokens = form.allowed();
        if (form.isWhole()) {
            endTokens.forEach(tokens::set);
        }
        return tokens;
    }

    /** The best answer that a beam search finds, as tokens without the one that ends it. Errors as {@link #generate}. */
    public List<Integer> beamSearch(Tensor prompt, BeamSettings settings, int maxTokens) {
        LlamaConfig config = stages.config();
        int length = (int) prompt.dim(0);
        int room = Math.min(maxTokens, config.maxPositions() - length + 1);
        BeamSearch search =
                new BeamSearch(settings, config.bosToken(), Set.copyOf(config.eosTokens()), Math.max(1, room));
        List<Long> beams = new ArrayList<>(List.of(++lastSequence));
        try {
            stages.open(beams.get(0), length);
            List<BeamSearch.Move> moves = search.advance(List.of(prefill(beams.get(0), prompt)));
            while (!search.isDone()) {
                follow(moves, beams, length);
                List<StageBatch.Segment> segments = new ArrayList<>();
                for (long beam : beams) {
                    segments.add(new StageBatch.Segment(beam, length, 1));
                }
                List<Integer> tokens =
                        moves.stream().map(BeamSearch.Move::token).toList();
                moves = search.advance(step(new StageBatch(segments), tokens));
                length++;
            }
            return search.best();
        } finally {
            beams.forEach(stages::free);
        }
    }

    /** Makes the sequences of the next step: a parent's first child goes on in its place, further ones fork it. */
    private void follow(List<BeamSearch.Move> moves, List<Long> beams, int length) {
        List<Long> parents = List.copyOf(beams);
        Set<Integer> continued = new HashSet<>();
        List<Long> next = new ArrayList<>();
        for (BeamSearch.Move move : moves) {
            long parent = parents.get(move.parent());
            if (continued.add(move.parent())) {
                next.add(parent);
            } else {
                long child = ++lastSequence;
                stages.fork(parent, child, length, length + KvCacheLayout.DEFAULT_BLOCK);
                beams.add(child);
                next.add(child);
            }
        }
        parents.stream().filter(parent -> !next.contains(parent)).forEach(stages::free);
        beams.clear();
        beams.addAll(next);
    }

    /** The probability of each choice as the answer. Errors as {@link #generate}. */
    public List<Double> choose(Tensor prompt, ChoiceScoring choices) {
        long sequence = ++lastSequence;
        int length = (int) prompt.dim(0);
        List<Long> forks = new ArrayList<>();
        try {
            stages.open(sequence, length);
            float[] promptLogits = prefill(sequence, prompt);
            List<StageBatch.Segment> segments = new ArrayList<>();
            List<Integer> tokens = new ArrayList<>();
            for (int choice = 0; choice < choices.size(); choice++) {
                List<Integer> feed = choices.feed(choice);
                if (!feed.isEmpty()) {
                    long fork = ++lastSequence;
                    stages.fork(sequence, fork, length, length + feed.size());
                    forks.add(fork);
                    segments.add(new StageBatch.Segment(fork, length, feed.size()));
                    tokens.addAll(feed);
                }
            }
            List<float[]> rows = segments.isEmpty() ? List.of() : step(new StageBatch(segments), tokens);
            List<List<float[]>> feedLogits = new ArrayList<>();
            int from = 0;
            for (int choice = 0; choice < choices.size(); choice++) {
                int to = from + choices.feed(choice).size();
                feedLogits.add(rows.subList(from, to));
                from = to;
            }
            return choices.probabilities(promptLogits, feedLogits);
        } finally {
            forks.forEach(stages::free);
            stages.free(sequence);
        }
    }

    /** Runs a prompt; the scores behind its last row. */
    private float[] prefill(long sequence, Tensor prompt) {
        try (Scope scope = stages.engine().scope();
                Tensor last = stages.prefill(sequence, prompt, chunkRows)) {
            return rows(last).get(0);
        }
    }

    /** Runs new tokens, one for each row of the batch; the scores behind each row. */
    private List<float[]> step(StageBatch batch, List<Integer> tokens) {
        Engine engine = stages.engine();
        long[] ids = tokens.stream().mapToLong(Integer::longValue).toArray();
        try (Scope scope = engine.scope();
                Tensor hidden = stages.forward(batch, stages.embed(engine.of(ids, ids.length)))) {
            return rows(hidden);
        }
    }

    private List<float[]> rows(Tensor hidden) { // (N, D) -> N times (V)
        try (Tensor logits = stages.logits(hidden)) {
            List<float[]> rows = new ArrayList<>();
            for (long row = 0; row < logits.dim(0); row++) {
                try (Tensor one = logits.select(0, row)) {
                    rows.add(one.toFloats());
                }
            }
            return rows;
        }
    }
}
