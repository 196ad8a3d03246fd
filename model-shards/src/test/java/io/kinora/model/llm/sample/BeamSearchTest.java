package io.kinora.model.llm.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BeamSearchTest {
    private static final int BEGIN = 1;
    private static final int END = 0;
    private static final int VOCABULARY = 4;

    /** A random model: the scores depend on all tokens so far. */
    private record TableModel(long seed) {
        float[] logits(List<Integer> tokens) {
            Random random = new Random(seed * 31 + tokens.hashCode());
            float[] logits = new float[VOCABULARY];
            for (int i = 0; i < VOCABULARY; i++) {
                logits[i] = (float) random.nextGaussian();
            }
            return logits;
        }

        double logprob(List<Integer> tokens) {
            double sum = 0;
            for (int i = 0; i < tokens.size(); i++) {
                sum += Sampler.logprob(logits(tokens.subList(0, i)), tokens.get(i));
            }
            return sum;
        }
    }

    @Test
    void oneBeamWithoutALengthPenaltyIsGreedy() {
        TableModel model = new TableModel(5);
        List<Integer> greedy = new ArrayList<>();
        while (greedy.size() < 6) {
            int best = Logits.best(model.logits(greedy));
            if (best == END) {
                break;
            }
            greedy.add(best);
        }

        assertThat(search(model, new BeamSettings(1, 0, 1), 6)).isEqualTo(greedy);
    }

    @Property(tries = 100)
    void withRoomForEveryHypothesisTheBestOneIsFound(
            @ForAll @IntRange(max = 10_000) int seed, @ForAll @IntRange(min = -1, max = 2) int lengthPenalty) {
        TableModel model = new TableModel(seed);
        int maxTokens = 3;

        List<Integer> found = search(model, new BeamSettings(64, lengthPenalty, 1), maxTokens);

        List<Integer> best = List.of();
        double bestValue = Double.NEGATIVE_INFINITY;
        for (List<Integer> candidate : allUpTo(maxTokens)) {
            // A hypothesis of full length is closed open-ended, a shorter one with the end token, which its length does
            // not count.
            double sum = candidate.size() == maxTokens ? model.logprob(candidate) : model.logprob(with(candidate, END));
            double value = sum / Math.pow(candidate.size() + 1, lengthPenalty);
            if (value > bestValue) {
                bestValue = value;
                best = candidate;
            }
        }
        assertThat(found).isEqualTo(best);
    }

    @Test
    void anEndBelowTheFirstRanksIsSkippedAndANegativePenaltyPrefersShortAnswers() {
        // Two beams: END ranks third, so it closes nothing at the first step.
        BeamSearch search = new BeamSearch(new BeamSettings(2, -1, 1), BEGIN, Set.of(END), 4);

        List<BeamSearch.Move> moves = search.advance(List.of(new float[] {1, 3, 2, 0}));

        assertThat(moves).containsExactly(new BeamSearch.Move(0, 1), new BeamSearch.Move(0, 2));
        assertThat(search.isDone()).isFalse();
        assertThat(search.open()).isEqualTo(2);
    }

    @Test
    void theSearchStopsWhenNoOpenBeamCanBeatTheClosedOnes() {
        BeamSearch search = new BeamSearch(new BeamSettings(1, 0, 1), BEGIN, Set.of(END), 50);

        List<BeamSearch.Move> moves = search.advance(List.of(new float[] {9, 1, 0, 0}));

        assertThat(moves).isEmpty();
        assertThat(search.isDone()).isTrue();
        assertThat(search.best()).isEmpty();
        assertThatIllegalStateException().isThrownBy(() -> search.advance(List.of(new float[4])));
    }

    @Test
    void theWrongNumberOfRowsIsRefusedWithBothCounts() {
        BeamSearch search = new BeamSearch(BeamSettings.RELEASED, BEGIN, Set.of(END), 5);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> search.advance(List.of()))
                .withMessage("1 beams are open, got 0 rows of scores");
    }

    private static List<Integer> search(TableModel model, BeamSettings settings, int maxTokens) {
        BeamSearch search = new BeamSearch(settings, BEGIN, Set.of(END), maxTokens);
        List<List<Integer>> beams = List.of(List.of());
        while (!search.isDone()) {
            List<BeamSearch.Move> moves =
                    search.advance(beams.stream().map(model::logits).toList());
            List<List<Integer>> parents = beams;
            beams = moves.stream()
                    .map(move -> with(parents.get(move.parent()), move.token()))
                    .toList();
        }
        return search.best();
    }

    private static List<List<Integer>> allUpTo(int length) {
        List<List<Integer>> all = new ArrayList<>(List.of(List.of()));
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).size() < length) {
                for (int token = 1; token < VOCABULARY; token++) {
                    all.add(with(all.get(i), token));
                }
            }
        }
        return all;
    }

    private static List<Integer> with(List<Integer> tokens, int token) {
        List<Integer> longer = new ArrayList<>(tokens);
        longer.add(token);
        return longer;
    }
}
