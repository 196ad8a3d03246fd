package io.kinora.actors.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.kinora.actors.shard.LanguageModelRequest.BestText;
import io.kinora.actors.shard.LanguageModelRequest.Choices;
import io.kinora.actors.shard.LanguageModelRequest.Text;
import io.kinora.model.llm.GeneratedToken;
import io.kinora.model.llm.GenerationSettings;
import io.kinora.model.llm.StageChain;
import io.kinora.model.llm.TextGenerator;
import io.kinora.model.llm.sample.BeamSettings;
import io.kinora.model.llm.sample.ChoiceScoring;
import io.kinora.model.llm.sample.SamplingSettings;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Choices, beam searches and probabilities of tokens over the actors, against the model computed in one place without them. */
class AnswerKindsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String PROMPT = "What colour is the circle that moves to the left, and is it large?";
    private static final LanguageModelSettings SETTINGS = new LanguageModelSettings(6, 64, 1_000_000, 16, 512, 4);

    @TempDir
    static Path folder;

    private static ActorTestKit kit;
    private static Engine engine;
    private static Tokenizer tokenizer;
    private static TinyLanguageModel tiny;
    private static ActorRef<LanguageModel.Command> model;

    @BeforeAll
    static void open() throws IOException {
        kit = ActorTestKit.create();
        engine = Engines.open("libtorch", Device.CPU);
        ShapesTokenizer.writeTo(folder);
        tokenizer = Tokenizers.open(folder);
        tiny = new TinyLanguageModel(engine, tokenizer);
        model = tiny.spawn(kit, "kinds", 3, SETTINGS);
    }

    @AfterAll
    static void close() {
        kit.shutdownTestKit();
        engine.close();
    }

    @Test
    void choicesAreAsProbableAsTheirTokensBehindThePromptTogether() {
        List<String> choices = List.of("yes", "no", "a red circle", "a red circle moves to the left");
        LanguageModel.Chosen chosen = chosen("choices", choices);

        List<List<Integer>> tokens = choices.stream().map(AnswerKindsTest::ids).toList();
        List<Double> expected = alone((generator, prompt) -> generator.choose(
                prompt, new ChoiceScoring(tokens, tokenizer.endId().orElseThrow())));
        assertThat(chosen.probabilities()).hasSize(4);
        for (int i = 0; i < 4; i++) {
            assertThat(chosen.probabilities().get(i)).isCloseTo(expected.get(i), within(1e-5));
        }
        assertThat(chosen.probabilities().stream().mapToDouble(p -> p).sum()).isCloseTo(1, within(1e-9));
    }

    @Test
    void choicesThatDifferInOneTokenNeedNoStepBehindThePrompt() {
        assertThat(chosen("short", List.of("yes", "no")).probabilities()).hasSize(2);
    }

    @Test
    void choicesThatAreTheSameTokensAreRefused() {
        LanguageModel.Refused refused = refused(new Choices(List.of("yes", "yes")));
        assertThat(refused.refusal()).isEqualTo(LanguageModel.Refusal.INVALID);
        assertThat(refused.reason()).contains("twice");
    }

    @Test
    void aBeamSearchOverTheActorsFindsWhatOneInOnePlaceFinds() {
        for (double lengthPenalty : new double[] {-1, 2}) {
            BeamSettings beams = new BeamSettings(5, lengthPenalty, 1);
            LanguageModel.Ended ended = ended(ask("beams" + lengthPenalty, new BestText(beams, 24, List.of())));
            List<Integer> expected = alone((generator, prompt) -> generator.beamSearch(prompt, beams, 24));
            assertThat(ended.tokens()).isEqualTo(expected);
        }
    }

    @Test
    void aBeamSearchAndChoicesSurviveTheLossOfAStage() {
        BeamSettings beams = new BeamSettings(4, 2, 1);
        List<Integer> expected = alone((generator, prompt) -> generator.beamSearch(prompt, beams, 40));
        List<Double> probabilities =
                chosen("undisturbed", List.of("yes", "a red circle")).probabilities();

        ActorRef<LanguageModel.Command> drilled = tiny.spawn(kit, "drilled", 3, SETTINGS);
        TestProbe<LanguageModel.Event> clock = ask(drilled, "clock", new Text(TextOptions.greedy(400)));
        TestProbe<LanguageModel.Event> searching = ask(drilled, "searching", new BestText(beams, 40, List.of()));
        for (int i = 0; i < 12; i++) {
            clock.expectMessageClass(LanguageModel.TokenGenerated.class, PATIENCE);
        }
        TestProbe<LanguageModel.Event> choosing = ask(drilled, "choosing", new Choices(List.of("yes", "a red circle")));
        child(drilled, "stage-1").tell(new StageHost.Crash("drill"));

        assertThat(ended(searching).tokens()).isEqualTo(expected);
        List<Double> drilledProbabilities = choosing.expectMessageClass(LanguageModel.Chosen.class, PATIENCE)
                .probabilities();
        assertThat(drilledProbabilities.get(0)).isCloseTo(probabilities.get(0), within(1e-6));
        drilled.tell(new LanguageModel.Cancel("clock"));
        kit.stop(drilled);
    }

    @Test
    void moreBeamsThanPlacesAreRefusedWithWhatIsAllowed() {
        LanguageModel.Refused refused = refused(new BestText(new BeamSettings(7, 1, 1), 4, List.of()));
        assertThat(refused.refusal()).isEqualTo(LanguageModel.Refusal.INVALID);
        assertThat(refused.reason()).contains("7").contains("1 to 6");
    }

    @Test
    void tokensComeWithTheirProbabilitiesAndThoseOfTheMostProbableOthers() {
        SamplingSettings sampling = SamplingSettings.sampled(1.2, 9);
        TestProbe<LanguageModel.Event> probe =
                ask("logprobs", new Text(TextOptions.sampled(sampling, 12).withTopLogprobs(3)));
        List<GeneratedToken> expected = alone((generator, prompt) -> generator
                .generate(prompt, new GenerationSettings(sampling, 12, Set.of(), 3), token -> true)
                .tokens());

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (GeneratedToken token : expected) {
            LanguageModel.TokenGenerated generated =
                    probe.expectMessageClass(LanguageModel.TokenGenerated.class, PATIENCE);
            TokenScore score = generated.score().orElseThrow();
            assertThat(score.chosen().token()).isEqualTo(token.token());
            assertThat(score.chosen().logprob()).isCloseTo(token.logprob(), within(1e-4));
            assertThat(score.best()).hasSize(3);
            for (int i = 0; i < 3; i++) {
                assertThat(score.best().get(i).logprob())
                        .isCloseTo(token.alternatives().get(i).logprob(), within(1e-4));
            }
            if (!tokenizer.token(token.token()).matches("<(?!0x).+>")) { // special tokens are not part of the text
                score.chosen().bytes().forEach(bytes::write);
            }
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8).strip())
                .isEqualTo(probe.expectMessageClass(LanguageModel.Ended.class, PATIENCE)
                        .text()
                        .strip());
    }

    private interface InOnePlace<T> {
        T compute(TextGenerator generator, io.kinora.tensor.Tensor prompt);
    }

    private static <T> T alone(InOnePlace<T> computation) {
        long[] ids = ids(PROMPT).stream().mapToLong(Integer::longValue).toArray();
        try (StageChain chain = tiny.chain();
                Scope scope = engine.scope()) {
            return computation.compute(new TextGenerator(chain, 16), chain.embed(engine.of(ids, ids.length)));
        }
    }

    private static LanguageModel.Chosen chosen(String id, List<String> choices) {
        return ask(id, new Choices(choices)).expectMessageClass(LanguageModel.Chosen.class, PATIENCE);
    }

    private static LanguageModel.Refused refused(LanguageModelRequest.Output output) {
        return ask("refused", output).expectMessageClass(LanguageModel.Refused.class, PATIENCE);
    }

    private static TestProbe<LanguageModel.Event> ask(String id, LanguageModelRequest.Output output) {
        return ask(model, id, output);
    }

    private static TestProbe<LanguageModel.Event> ask(
            ActorRef<LanguageModel.Command> asked, String id, LanguageModelRequest.Output output) {
        TestProbe<LanguageModel.Event> probe = kit.createTestProbe();
        asked.tell(new LanguageModel.Generate(
                new LanguageModelRequest(id, ids(PROMPT), List.of(), Optional.empty(), 0, Optional.empty(), output),
                probe.ref()));
        return probe;
    }

    private static LanguageModel.Ended ended(TestProbe<LanguageModel.Event> probe) {
        List<Integer> streamed = new ArrayList<>();
        while (true) {
            LanguageModel.Event event = probe.receiveMessage(PATIENCE);
            if (event instanceof LanguageModel.Ended ended) {
                assertThat(ended.tokens()).isEqualTo(streamed);
                return ended;
            }
            streamed.add(((LanguageModel.TokenGenerated) event).token());
        }
    }

    private static List<Integer> ids(String text) {
        return IntStream.of(tokenizer.encode(text)).boxed().toList();
    }

    private static ActorRef<StageHost.Command> child(ActorRef<?> parent, String name) {
        var resolver = akka.actor.typed.ActorRefResolver.get(kit.system());
        return resolver.resolveActorRef(resolver.toSerializationFormat(parent).replaceAll("#.*", "") + "/" + name);
    }
}
