package io.kinora.actors.shard;

import io.kinora.model.llm.sample.ChoiceScoring;
import io.kinora.model.llm.sample.Sampler;
import io.kinora.model.text.Tokenizer;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Probabilities of given answers: the prompt's result scores the first token of each, and where a choice has more, a sequence of its own behind the
 * prompt scores the rest.
 */
final class ChoiceGeneration implements Generation {
    private final ChoiceScoring scoring;
    private final double[] logprobs; // by choice
    private final List<Integer> running = new ArrayList<>(); // sequence -> choice
    private int[] scored = {}; // by sequence: tokens that have their score
    private int missing;
    private boolean begun;

    /**
     * For these answers.
     *
     * @throws IllegalArgumentException if two choices are the same tokens
     */
    ChoiceGeneration(Tokenizer tokenizer, List<String> choices) {
        List<List<Integer>> tokens = choices.stream()
                .map(choice -> IntStream.of(tokenizer.encode(choice)).boxed().toList())
                .toList();
        int end = tokenizer
                .endId()
                .orElseThrow(
                        () -> new IllegalArgumentException("the model's vocabulary has no token that ends an answer"));
        this.scoring = new ChoiceScoring(tokens, end);
        this.logprobs = new double[choices.size()];
    }

    @Override
    public int mostNewRows() {
        return IntStream.range(0, scoring.size())
                .map(choice -> scoring.feed(choice).size())
                .max()
                .orElse(0);
    }

    @Override
    public Next accept(int sequence, Tensor output, Listener listener) { // (1, V)
        float[] logits = output.toFloats();
        return begun ? goOn(sequence, logits) : begin(logits);
    }

    private Next begin(float[] logits) {
        begun = true;
        List<Move> moves = new ArrayList<>();
        for (int choice = 0; choice < scoring.size(); choice++) {
            logprobs[choice] = Sampler.logprob(logits, scoring.tokens(choice).get(0));
            List<Row> feed =
                    scoring.feed(choice).stream().<Row>map(Row.Token::new).toList();
            if (!feed.isEmpty()) {
                running.add(choice);
                moves.add(new Move(0, feed));
                missing += feed.size();
            }
        }
        scored = new int[running.size()];
        return moves.isEmpty() ? new Next.End() : new Next.Moves(moves);
    }

    private Next goOn(int sequence, float[] logits) {
        int choice = running.get(sequence);
        int next = scoring.tokens(choice).get(++scored[sequence]);
        logprobs[choice] += Sampler.logprob(logits, next);
        return --missing == 0 ? new Next.End() : new Next.Wait();
    }

    @Override
    public boolean isTextSoFar() {
        return false;
    }

    @Override
    public void end(Listener listener) {
        List<Double> sums = IntStream.range(0, logprobs.length)
                .mapToObj(choice -> logprobs[choice])
                .toList();
        int best = IntStream.range(0, logprobs.length)
                .reduce((a, b) -> logprobs[b] > logprobs[a] ? b : a)
                .orElseThrow();
        listener.probabilities(ChoiceScoring.scaled(sums), scoring.tokens(best).size());
    }
}
