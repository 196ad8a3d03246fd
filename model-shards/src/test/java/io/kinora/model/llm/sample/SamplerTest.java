package io.kinora.model.llm.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplerTest {
    private static final BitSet NOTHING = new BitSet();

    @Property
    void greedyTakesTheFirstBestToken(
            @ForAll @Size(min = 1, max = 50) List<@FloatRange(min = -30, max = 30) Float> scores) {
        float[] logits = floats(scores);

        int token = new Sampler(SamplingSettings.GREEDY).choose(logits, NOTHING, 0);

        assertThat(logits[token])
                .isEqualTo(IntStream.range(0, logits.length)
                        .mapToObj(i -> logits[i])
                        .max(Float::compare)
                        .orElseThrow());
        assertThat(IntStream.range(0, token)).allMatch(i -> logits[i] < logits[token]);
    }

    @Property
    void theSameSeedAndNumberDrawTheSameToken(
            @ForAll @Size(min = 1, max = 50) List<@FloatRange(min = -30, max = 30) Float> scores,
            @ForAll long seed,
            @ForAll @IntRange(max = 100_000) int step) {
        SamplingSettings settings = SamplingSettings.sampled(0.8, seed).withTopP(0.9);

        assertThat(new Sampler(settings).choose(floats(scores), NOTHING, step))
                .isEqualTo(new Sampler(settings).choose(floats(scores), NOTHING, step));
    }

    @Property
    void topKDrawsOneOfTheKBest(
            @ForAll @Size(min = 1, max = 50) List<@FloatRange(min = -30, max = 30) Float> scores,
            @ForAll @IntRange(min = 1, max = 60) int k,
            @ForAll long seed) {
        float[] logits = floats(scores);

        int token = new Sampler(SamplingSettings.sampled(2, seed).withTopK(k)).choose(logits, NOTHING, 0);

        long better = IntStream.range(0, logits.length)
                .filter(i -> logits[i] > logits[token])
                .count();
        assertThat(better).isLessThan(k);
    }

    @Property
    void topPKeepsTheSmallestSetThatReachesIt(
            @ForAll @Size(min = 1, max = 600) List<@FloatRange(min = -4, max = 4) Float> scores,
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double p) {
        float[] logits = floats(scores);
        double[] sorted = Arrays.stream(probabilities(logits))
                .map(x -> -x)
                .sorted()
                .map(x -> -x)
                .toArray();

        int kept = new Sampler(SamplingSettings.sampled(1, 0).withTopP(p))
                .distribution(logits)
                .size();

        double before = Arrays.stream(sorted, 0, kept - 1).sum();
        assertThat(before).isLessThan(p + 1e-9);
        assertThat(before + sorted[kept - 1]).isGreaterThan(p - 1e-9);
    }

    @Property
    void minPKeepsTokensNearTheBestOne(
            @ForAll @Size(min = 1, max = 600) List<@FloatRange(min = -4, max = 4) Float> scores,
            @ForAll @DoubleRange(min = 0.01, max = 1) double p) {
        float[] logits = floats(scores);
        double[] all = probabilities(logits);
        double best = Arrays.stream(all).max().orElseThrow();

        TokenDistribution kept = new Sampler(SamplingSettings.sampled(1, 0).withMinP(p)).distribution(logits);

        assertThat(IntStream.range(0, kept.size())).allMatch(i -> all[kept.token(i)] >= best * p - 1e-9);
        long near = Arrays.stream(all).filter(x -> x > best * p + 1e-9).count();
        assertThat((long) kept.size()).isGreaterThanOrEqualTo(near);
    }

    @Property
    void keptProbabilitiesSumToOne(
            @ForAll @Size(min = 1, max = 400) List<@FloatRange(min = -30, max = 30) Float> scores,
            @ForAll @IntRange(max = 20) int k,
            @ForAll @DoubleRange(min = 0.01, max = 1) double p,
            @ForAll @DoubleRange(min = 0.05, max = 5) double temperature) {
        TokenDistribution kept = new Sampler(
                        SamplingSettings.sampled(temperature, 0).withTopK(k).withTopP(p))
                .distribution(floats(scores));

        assertThat(IntStream.range(0, kept.size())
                        .mapToDouble(kept::probability)
                        .sum())
                .isCloseTo(1, within(1e-9));
    }

    @Test
    void drawnSharesFollowTheProbabilities() {
        float[] logits = {0, (float) Math.log(2), (float) Math.log(5), -100};
        Sampler sampler = new Sampler(SamplingSettings.sampled(1, 42));
        int[] counts = new int[4];
        int draws = 80_000;

        for (int step = 0; step < draws; step++) {
            counts[sampler.choose(logits, NOTHING, step)]++;
        }

        assertThat(counts[0] / (double) draws).isCloseTo(1 / 8.0, within(0.01));
        assertThat(counts[1] / (double) draws).isCloseTo(2 / 8.0, within(0.01));
        assertThat(counts[2] / (double) draws).isCloseTo(5 / 8.0, within(0.01));
        assertThat(counts[3]).isZero();
    }

    @Test
    void aHighTemperatureFlattensAndALowOneSharpens() {
        float[] logits = {0, 1};
        assertThat(new Sampler(SamplingSettings.sampled(0.5, 0))
                        .distribution(logits)
                        .probability(1))
                .isCloseTo(1 / (1 + Math.exp(-2)), within(1e-9));
        assertThat(new Sampler(SamplingSettings.sampled(4, 0))
                        .distribution(logits)
                        .probability(1))
                .isCloseTo(1 / (1 + Math.exp(-0.25)), within(1e-9));
    }

    @Test
    void thePenaltyLowersScoresOfSeenTokensWhicheverTheirSign() {
        BitSet seen = new BitSet();
        seen.set(0);
        seen.set(2);
        Sampler sampler = new Sampler(SamplingSettings.GREEDY.withRepetitionPenalty(2));

        assertThat(sampler.choose(new float[] {3, 2, 1}, seen, 0)).isEqualTo(1);
        assertThat(sampler.choose(new float[] {-1, -1.9f, -1.5f}, seen, 0)).isEqualTo(1);
        assertThat(sampler.choose(new float[] {5, 2, 1}, seen, 0)).isZero();
    }

    @Test
    void logprobsAreThoseOfTheModelBeforeTemperatureAndTruncation() {
        float[] logits = {1, 3, 2};
        double sum = Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3));

        assertThat(Sampler.logprob(logits, 2)).isCloseTo(2 - sum, within(1e-9));
        assertThat(Sampler.topLogprobs(logits, 2))
                .extracting(ScoredToken::token)
                .containsExactly(1, 2);
        assertThat(Sampler.topLogprobs(logits, 0)).isEmpty();
        assertThat(Sampler.topLogprobs(logits, 9)).hasSize(3);
    }

    @Test
    void scoresThatAreNotNumbersAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sampler(SamplingSettings.GREEDY).choose(new float[] {1, Float.NaN}, NOTHING, 0))
                .withMessageContaining("token 1");
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0, 1, 0, 1, temperature",
        "NaN, 0, 1, 0, 1, temperature",
        "1, -1, 1, 0, 1, top_k",
        "1, 0, 0, 0, 1, top_p",
        "1, 0, 1.1, 0, 1, top_p",
        "1, 0, 1, -0.1, 1, min_p",
        "1, 0, 1, 0, 0, repetition_penalty"
    })
    void settingsOutsideTheirRangeAreRefusedByName(
            double temperature, int topK, double topP, double minP, double penalty, String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SamplingSettings(temperature, topK, topP, minP, penalty, 0))
                .withMessageContaining(name)
                .withMessageContaining("allowed");
    }

    @Test
    void drawsAreTheUpperBitsOfSplitMix64() {
        SplittableRandom reference = new SplittableRandom(1234567);
        DrawSequence draws = new DrawSequence(1234567);
        for (int n = 0; n < 100; n++) {
            assertThat(draws.at(n)).isEqualTo((reference.nextLong() >>> 11) * 0x1.0p-53);
        }
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }

    private static double[] probabilities(float[] logits) {
        double[] weights = IntStream.range(0, logits.length)
                .mapToDouble(i -> Math.exp(logits[i]))
                .toArray();
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(w -> w / sum).toArray();
    }
}
