package io.kinora.model.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.kinora.model.llm.sample.BeamSettings;
import io.kinora.model.llm.sample.ChoiceScoring;
import io.kinora.model.llm.sample.Sampler;
import io.kinora.model.llm.sample.SamplingSettings;
import io.kinora.model.llm.sample.ScoredToken;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TextGeneratorTest {
    private static final List<Integer> PROMPT = List.of(1, 17, 4, 33, 20, 8);

    private static Engine engine;
    private TinyLlama model;
    private TextGenerator generator;
    private Scope scope;
    private Tensor prompt;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @BeforeEach
    void load() {
        model = new TinyLlama(engine, 2, 48, Optional.empty());
        generator = new TextGenerator(model.stages(), 4);
        scope = engine.scope();
        prompt = model.embed(PROMPT);
    }

    @AfterEach
    void close() {
        assertThat(model.stages().stages())
                .as("sequences left in the cache")
                .allMatch(stage -> stage.cache().usage().usedBlocks() == 0);
        scope.close();
        model.close();
    }

    @Test
    void aSeedGivesTheSameAnswerEachTimeAndAnotherSeedAnother() {
        GenerationSettings seven = sampled(7);

        List<Integer> first = generator.generate(prompt, seven, token -> true).ids();

        assertThat(generator.generate(prompt, seven, token -> true).ids()).isEqualTo(first);
        assertThat(generator.generate(prompt, sampled(8), token -> true).ids()).isNotEqualTo(first);
    }

    @Test
    void anAnswerEndsBeforeItsEndToken() {
        List<Integer> free =
                generator.generate(prompt, endless(8), token -> true).ids();
        int end = free.get(5);

        GeneratedText text = generator.generate(
                prompt, new GenerationSettings(SamplingSettings.GREEDY, 8, Set.of(end), 0), token -> true);

        assertThat(text.finish()).isEqualTo(FinishReason.STOP);
        assertThat(text.ids()).isEqualTo(free.subList(0, free.indexOf(end)));
    }

    @Test
    void anAnswerStopsWhenNoMoreIsWanted() {
        List<GeneratedToken> seen = new ArrayList<>();

        GeneratedText text = generator.generate(prompt, endless(20), token -> {
            seen.add(token);
            return seen.size() < 3;
        });

        assertThat(text.finish()).isEqualTo(FinishReason.CANCELLED);
        assertThat(text.tokens()).isEqualTo(seen).hasSize(3);
    }

    @Test
    void anAnswerEndsWhenTheContextIsFull() {
        GeneratedText text = generator.generate(prompt, endless(500), token -> true);

        assertThat(text.finish()).isEqualTo(FinishReason.LENGTH);
        assertThat(text.tokens()).hasSize(64 - PROMPT.size() + 1);
    }

    @Test
    void logprobsOfTheBestTokenAreThoseReportedWithIt() {
        GenerationSettings settings = new GenerationSettings(SamplingSettings.GREEDY, 4, Set.of(), 3);

        assertThat(generator.generate(prompt, settings, token -> true).tokens()).allSatisfy(token -> {
            assertThat(token.alternatives()).hasSize(3);
            assertThat(token.alternatives().get(0)).isEqualTo(new ScoredToken(token.token(), token.logprob()));
        });
    }

    @Test
    void beamSearchFindsAnAnswerAtLeastAsProbableAsTheGreedyOne() {
        int length = 10;
        List<Integer> greedy =
                generator.generate(prompt, endless(length), token -> true).ids();

        List<Integer> beam = generator.beamSearch(prompt, new BeamSettings(5, 0, 1), length);

        assertThat(beam).hasSize(length);
        assertThat(logprob(beam)).isGreaterThanOrEqualTo(logprob(greedy) - 1e-6);
    }

    @Test
    void choicesHaveTheProbabilitiesOfTheirTokens() {
        List<List<Integer>> choices = List.of(List.of(5, 6, 7), List.of(9), List.of(5, 8));

        List<Double> probabilities = generator.choose(prompt, new ChoiceScoring(choices, 2));

        double[] expected =
                choices.stream().mapToDouble(c -> Math.exp(logprob(c))).toArray();
        double sum = expected[0] + expected[1] + expected[2];
        for (int i = 0; i < 3; i++) {
            assertThat(probabilities.get(i)).isCloseTo(expected[i] / sum, within(1e-5));
        }
    }

    @Test
    void aPromptLongerThanTheContextIsRefusedWithTheCount() {
        Tensor longPrompt = engine.zeros(DType.F32, 70, 32);

        assertThatExceptionOfType(ContextLengthException.class)
                .isThrownBy(() -> generator.generate(longPrompt, endless(1), token -> true))
                .withMessageContaining("70");
    }

    @Test
    void int8LayersKeepTheScoresClose() {
        try (TinyLlama reduced = new TinyLlama(engine, 2, 48, Optional.of(new Quantization.Int8PerChannel()))) {
            LogitError error = LogitError.between(List.of(logits(model, PROMPT)), List.of(logits(reduced, PROMPT)));

            assertThat(error.relative()).isBetween(1e-5, 0.05);
            assertThat(error.divergence()).isBetween(1e-9, 0.01);
            assertThat(error.largest()).isGreaterThan(0);
        }
    }

    @Test
    void theErrorOfScoresIsCountedPerRow() {
        float[] even = {0, 0};
        float[] tilted = {0, (float) Math.log(3)};

        LogitError error = LogitError.between(List.of(even, tilted), List.of(tilted, tilted));

        assertThat(error.largest()).isCloseTo(Math.log(3), within(1e-6));
        assertThat(error.relative()).isCloseTo(1, within(1e-6));
        assertThat(error.divergence())
                .isCloseTo((0.5 * Math.log(0.5 / 0.25) + 0.5 * Math.log(0.5 / 0.75)) / 2, within(1e-6));
        assertThat(error.sameBest()).isEqualTo(0.5);
    }

    private static GenerationSettings endless(int tokens) {
        return new GenerationSettings(SamplingSettings.GREEDY, tokens, Set.of(), 0);
    }

    private static GenerationSettings sampled(long seed) {
        return new GenerationSettings(SamplingSettings.sampled(1.5, seed).withTopP(0.95), 12, Set.of(), 0);
    }

    /** Of tokens behind the prompt, each computed with everything before it run afresh. */
    private double logprob(List<Integer> tokens) {
        List<Integer> all = new ArrayList<>(PROMPT);
        double sum = 0;
        for (int token : tokens) {
            sum += Sampler.logprob(logits(model, all), token);
            all.add(token);
        }
        return sum;
    }

    private static float[] logits(TinyLlama model, List<Integer> tokens) {
        try (Tensor row = engine.of(model.runAlone(tokens), 1, 32);
                Tensor logits = model.stages().logits(row)) {
            return logits.toFloats();
        }
    }
}
