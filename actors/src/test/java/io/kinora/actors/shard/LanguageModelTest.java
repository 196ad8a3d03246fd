package io.kinora.actors.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.model.llm.KvCache;
import io.kinora.model.llm.StageBatch;
import io.kinora.model.llm.sample.SamplingSettings;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageModelTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final LanguageModelSettings SETTINGS = new LanguageModelSettings(4, 64, 1_000_000, 16, 512, 4);

    @TempDir
    static Path folder;

    private static ActorTestKit kit;
    private static Engine engine;
    private static Tokenizer tokenizer;
    private static TinyLanguageModel tiny;

    @BeforeAll
    static void open() throws IOException {
        kit = ActorTestKit.create();
        engine = Engines.open("libtorch", Device.CPU);
        ShapesTokenizer.writeTo(folder);
        tokenizer = Tokenizers.open(folder);
        tiny = new TinyLanguageModel(engine, tokenizer);
    }

    @AfterAll
    static void close() {
        kit.shutdownTestKit();
        engine.close();
    }

    @Test
    void everyCutOfTheModelGivesTheSameTokens() {
        List<List<Integer>> answers = new ArrayList<>();
        for (int stages = 1; stages <= TinyLanguageModel.LAYERS; stages++) {
            ActorRef<LanguageModel.Command> model = tiny.spawn(kit, "cut-" + stages, stages, SETTINGS);
            answers.add(
                    answer(model, text("a", "What colour is the circle?", 24)).tokens());
            kit.stop(model);
        }
        assertThat(answers.get(0)).hasSize(24);
        assertThat(answers).allMatch(answers.get(0)::equals);
    }

    @Test
    void answersThatAreComputedTogetherAreThoseComputedAlone() {
        ActorRef<LanguageModel.Command> model = tiny.spawn(kit, "together", 2, SETTINGS);
        List<LanguageModelRequest> requests = IntStream.range(0, 12)
                .mapToObj(i ->
                        text("q" + i, "Question number " + i + ": which shape moves left?".repeat(1 + i % 3), 5 + i))
                .toList();
        List<List<Integer>> alone = requests.stream()
                .map(request -> answer(model, request).tokens())
                .toList();

        List<TestProbe<LanguageModel.Event>> probes = requests.stream()
                .map(request -> {
                    TestProbe<LanguageModel.Event> probe = kit.createTestProbe();
                    model.tell(new LanguageModel.Generate(request, probe.ref()));
                    return probe;
                })
                .toList();
        List<List<Integer>> together =
                probes.stream().map(probe -> ended(probe).tokens()).toList();

        assertThat(together).isEqualTo(alone);
        kit.stop(model);
    }

    @Test
    void aStageThatDiesInTheMiddleCostsNoTokenAndDoublesNone() {
        ActorRef<LanguageModel.Command> model = tiny.spawn(kit, "dies", 3, SETTINGS);
        LanguageModelRequest request = text("long", "Describe what happens.", 200);
        List<Integer> undisturbed = answer(model, request).tokens();

        TestProbe<LanguageModel.Event> probe = kit.createTestProbe();
        model.tell(new LanguageModel.Generate(request, probe.ref()));
        List<Integer> streamed = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            streamed.add(token(probe, i));
        }
        stage(model, 1).tell(new StageHost.Crash("drill"));
        LanguageModel.Event event = probe.receiveMessage(PATIENCE);
        while (event instanceof LanguageModel.TokenGenerated generated) {
            assertThat(generated.index()).isEqualTo(streamed.size());
            streamed.add(generated.token());
            event = probe.receiveMessage(PATIENCE);
        }

        assertThat(streamed).isEqualTo(undisturbed);
        assertThat(((LanguageModel.Ended) event).tokens()).isEqualTo(undisturbed);
        kit.stop(model);
    }

    @Test
    void aSecondQuestionStartsBehindTheSharedPrefixAndIsAnsweredTheSame() {
        ActorRef<LanguageModel.Command> model = tiny.spawn(kit, "prefix", 2, SETTINGS);
        LanguageModel.Ended plain = answer(model, withVisuals("plain", Optional.empty()));
        LanguageModelRequest.Prefix prefix = new LanguageModelRequest.Prefix("clip", 40);
        LanguageModel.Ended first = answer(model, withVisuals("first", Optional.of(prefix)));
        LanguageModel.Ended second = answer(model, withVisuals("second", Optional.of(prefix)));

        assertThat(first.cost().reusedRows()).isZero();
        assertThat(second.cost().reusedRows()).isEqualTo(40);
        assertThat(first.tokens()).isEqualTo(plain.tokens());
        assertThat(second.tokens()).isEqualTo(plain.tokens());
        kit.stop(model);
    }

    @Test
    void embeddingsAreRegressedOneAfterAnotherWhateverTheCut() {
        List<float[]> results = new ArrayList<>();
        for (int stages : new int[] {1, 3}) {
            ActorRef<LanguageModel.Command> model = tiny.spawn(kit, "regress-" + stages, stages, SETTINGS);
            TestProbe<LanguageModel.Event> probe = kit.createTestProbe();
            model.tell(new LanguageModel.Generate(
                    request("r", "a red circle", Optional.empty(), new LanguageModelRequest.Embeddings(9)),
                    probe.ref()));
            LanguageModel.EmbeddingsGenerated made =
                    probe.expectMessageClass(LanguageModel.EmbeddingsGenerated.class, PATIENCE);
            assertThat(made.embeddings().shape().toArray()).containsExactly(9, TinyLanguageModel.VISUAL_WIDTH);
            results.add(made.embeddings().toFloats());
            made.embeddings().close();
            kit.stop(model);
        }
        for (int i = 0; i < results.get(0).length; i++) {
            assertThat(results.get(1)[i]).isCloseTo(results.get(0)[i], within(1e-4f));
        }
    }

    @Test
    void embeddingsAreTheSameToTheLastBitWhateverElseIsBeingComputed() {
        ActorRef<LanguageModel.Command> model = tiny.spawn(kit, "busy", 2, SETTINGS);
        float[] alone = embeddings(model, "alone");
        TestProbe<LanguageModel.Event> others = kit.createTestProbe();
        for (int i = 0; i < 3; i++) {
            model.tell(new LanguageModel.Generate(text("other-" + i, "Something else.", 60), others.ref()));
        }
        assertThat(embeddings(model, "busy")).isEqualTo(alone);
        kit.stop(model);
    }

    private static float[] embeddings(ActorRef<LanguageModel.Command> model, String id) {
        TestProbe<LanguageModel.Event> probe = kit.createTestProbe();
        model.tell(new LanguageModel.Generate(
                request(id, "a red circle", Optional.empty(), new LanguageModelRequest.Embeddings(12)), probe.ref()));
        LanguageModel.EmbeddingsGenerated made =
                probe.expectMessageClass(LanguageModel.EmbeddingsGenerated.class, PATIENCE);
        try (Tensor embeddings = made.embeddings()) {
            return embeddings.toFloats();
        }
    }

    @Test
    void aCancelledAnswerEndsWithWhatThereIsAndGivesUpItsPlace() {
        ActorRef<LanguageModel.Command> model =
                tiny.spawn(kit, "cancel", 1, new LanguageModelSettings(1, 8, 1_000_000, 16, 512, 0));
        TestProbe<LanguageModel.Event> first = kit.createTestProbe();
        model.tell(new LanguageModel.Generate(text("first", "Tell me everything.", 400), first.ref()));
        LanguageModel.TokenGenerated begun = generated(first, 0);
        TestProbe<LanguageModel.Event> second = kit.createTestProbe();
        model.tell(new LanguageModel.Generate(text("second", "And now?", 3), second.ref()));
        model.tell(new LanguageModel.Cancel("first"));

        LanguageModel.Ended cancelled = ended(first, begun.text());
        assertThat(cancelled.reason()).isEqualTo(TextEnd.CANCELLED);
        assertThat(cancelled.tokens()).hasSizeBetween(1, 399);
        assertThat(ended(second).tokens()).hasSize(3);
        kit.stop(model);
    }

    @Test
    void aCancelledAnswersPlaceIsFreeBeforeTheStepThatIsComputedEnds() {
        Semaphore steps = new Semaphore(1);
        AtomicInteger begun = new AtomicInteger();
        List<Supplier<LanguageModelStage>> stages = tiny.stages(1).stream()
                .<Supplier<LanguageModelStage>>map(load -> () -> new Gated(load.get(), steps, begun))
                .toList();
        ActorRef<LanguageModel.Command> model = tiny.spawn(
                kit,
                "within-one-step",
                stages,
                new LanguageModelSettings(1, 8, 1_000_000, 16, 512, 0),
                ServingMetrics.inMemory(),
                Clock.systemUTC());
        TestProbe<LanguageModel.Event> first = kit.createTestProbe();
        TestProbe<LanguageModel.Event> second = kit.createTestProbe();
        model.tell(new LanguageModel.Generate(text("first", "Tell me everything.", 400), first.ref()));
        generated(first, 0);
        model.tell(new LanguageModel.Generate(text("second", "And now?", 3), second.ref()));
        model.tell(new LanguageModel.Cancel("first"));

        // No step may end now, and still the answer does.
        LanguageModel.Ended cancelled = first.expectMessageClass(LanguageModel.Ended.class, PATIENCE);
        assertThat(cancelled.reason()).isEqualTo(TextEnd.CANCELLED);
        assertThat(cancelled.tokens()).hasSize(1);
        steps.release(100);
        assertThat(ended(second).tokens()).hasSize(3);
        // The first's prompt and the step that was being computed, then only the second's: its prompt and two tokens.
        assertThat(begun).hasValue(2 + 3);
        kit.stop(model);
    }

    /** A stage whose steps wait to be let go. */
    private record Gated(LanguageModelStage stage, Semaphore steps, AtomicInteger begun) implements LanguageModelStage {
        @Override
        public Engine engine() {
            return stage.engine();
        }

        @Override
        public KvCache cache() {
            return stage.cache();
        }

        @Override
        public Tensor forward(StageBatch batch, StageInput input) {
            begun.incrementAndGet();
            steps.acquireUninterruptibly();
            return stage.forward(batch, input);
        }

        @Override
        public StageResult outputs(Tensor rows, StageOutputs wanted) {
            return stage.outputs(rows, wanted);
        }

        @Override
        public void close() {
            stage.close();
        }
    }

    @Test
    void refusalsSayWhy() {
        ActorRef<LanguageModel.Command> model =
                tiny.spawn(kit, "refuse", 1, new LanguageModelSettings(1, 1, 1_000_000, 16, 64, 0));
        assertThat(refused(model, text("long", "word ".repeat(80), 1)))
                .matches(refusal -> refusal.refusal() == LanguageModel.Refusal.TOO_LONG)
                .matches(refusal -> refusal.reason().contains("64"));

        TestProbe<LanguageModel.Event> running = kit.createTestProbe();
        model.tell(new LanguageModel.Generate(text("runs", "a", 50), running.ref()));
        TestProbe<LanguageModel.Event> waiting = kit.createTestProbe();
        LanguageModelRequest late = new LanguageModelRequest(
                "late", ids("b"), List.of(), Optional.empty(), 0, Optional.of(Instant.EPOCH), output(50));
        model.tell(new LanguageModel.Generate(late, waiting.ref()));
        assertThat(refused(model, text("third", "c", 1)).refusal()).isEqualTo(LanguageModel.Refusal.BUSY);
        assertThat(waiting.expectMessageClass(LanguageModel.Refused.class, PATIENCE)
                        .refusal())
                .isEqualTo(LanguageModel.Refusal.LATE);
        assertThat(ended(running).tokens()).hasSize(50);
        kit.stop(model);
    }

    @Test
    void theFirstOfTheWaitingIsTheOneWithTheHighestPriority() {
        ActorRef<LanguageModel.Command> model =
                tiny.spawn(kit, "priority", 1, new LanguageModelSettings(1, 8, 1_000_000, 16, 512, 0));
        TestProbe<LanguageModel.Event> probe = kit.createTestProbe();
        model.tell(new LanguageModel.Generate(
                text("running", "x", 30),
                kit.<LanguageModel.Event>createTestProbe().ref()));
        for (int priority : new int[] {0, 5, 1}) {
            model.tell(new LanguageModel.Generate(
                    new LanguageModelRequest(
                            "p" + priority,
                            ids("y"),
                            List.of(),
                            Optional.empty(),
                            priority,
                            Optional.empty(),
                            output(1)),
                    probe.ref()));
        }
        List<String> order = new ArrayList<>();
        while (order.size() < 3) {
            if (probe.receiveMessage(PATIENCE) instanceof LanguageModel.Ended ended) {
                order.add(ended.requestId());
            }
        }
        assertThat(order).containsExactly("p5", "p1", "p0");
        kit.stop(model);
    }

    private static LanguageModelRequest text(String id, String prompt, int maxNewTokens) {
        return request(id, prompt, Optional.empty(), output(maxNewTokens));
    }

    private static LanguageModelRequest.Text output(int maxNewTokens) {
        return new LanguageModelRequest.Text(TextOptions.sampled(SamplingSettings.sampled(1.0, 5), maxNewTokens));
    }

    private static LanguageModelRequest request(
            String id,
            String prompt,
            Optional<LanguageModelRequest.Prefix> prefix,
            LanguageModelRequest.Output output) {
        return new LanguageModelRequest(id, ids(prompt), List.of(), prefix, 0, Optional.empty(), output);
    }

    private static LanguageModelRequest withVisuals(String id, Optional<LanguageModelRequest.Prefix> prefix) {
        List<Integer> ids = new ArrayList<>(IntStream.range(3, 43).boxed().toList());
        ids.addAll(ids("What is it?"));
        float[] values = new float[30 * TinyLanguageModel.VISUAL_WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(0.3 * i);
        }
        Tensor embeddings = engine.of(values, 30, TinyLanguageModel.VISUAL_WIDTH);
        return new LanguageModelRequest(
                id,
                ids,
                List.of(new StageInput.Visual(7, embeddings)),
                prefix,
                0,
                Optional.empty(),
                new LanguageModelRequest.Text(TextOptions.greedy(12)));
    }

    private static List<Integer> ids(String text) {
        return IntStream.of(tokenizer.encode(text)).boxed().toList();
    }

    private static LanguageModel.Ended answer(ActorRef<LanguageModel.Command> model, LanguageModelRequest request) {
        TestProbe<LanguageModel.Event> probe = kit.createTestProbe();
        model.tell(new LanguageModel.Generate(request, probe.ref()));
        return ended(probe);
    }

    private static LanguageModel.Refused refused(ActorRef<LanguageModel.Command> model, LanguageModelRequest request) {
        TestProbe<LanguageModel.Event> probe = kit.createTestProbe();
        model.tell(new LanguageModel.Generate(request, probe.ref()));
        return probe.expectMessageClass(LanguageModel.Refused.class, PATIENCE);
    }

    private static LanguageModel.Ended ended(TestProbe<LanguageModel.Event> probe) {
        return ended(probe, "");
    }

    /** How a generation ends whose text so far is known; what is streamed must be how the whole text begins. */
    private static LanguageModel.Ended ended(TestProbe<LanguageModel.Event> probe, String before) {
        StringBuilder streamed = new StringBuilder(before);
        while (true) {
            LanguageModel.Event event = probe.receiveMessage(PATIENCE);
            if (event instanceof LanguageModel.Ended ended) {
                assertThat(ended.text()).startsWith(streamed.toString());
                return ended;
            }
            streamed.append(((LanguageModel.TokenGenerated) event).text());
        }
    }

    private static int token(TestProbe<LanguageModel.Event> probe, int index) {
        return generated(probe, index).token();
    }

    private static LanguageModel.TokenGenerated generated(TestProbe<LanguageModel.Event> probe, int index) {
        LanguageModel.TokenGenerated generated = probe.expectMessageClass(LanguageModel.TokenGenerated.class, PATIENCE);
        assertThat(generated.index()).isEqualTo(index);
        return generated;
    }

    @SuppressWarnings("unchecked")
    private static ActorRef<StageHost.Command> stage(ActorRef<LanguageModel.Command> model, int index) {
        return akka.actor.typed.ActorRefResolver.get(kit.system())
                .resolveActorRef(akka.actor.typed.ActorRefResolver.get(kit.system())
                                .toSerializationFormat(model)
                                .replaceAll("#.*", "")
                        + "/stage-" + index);
    }
}
