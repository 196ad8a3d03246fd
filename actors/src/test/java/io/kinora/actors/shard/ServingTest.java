package io.kinora.actors.shard;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.model.llm.KvCache;
import io.kinora.model.llm.StageBatch;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Places, queues, deadlines and refusals of the language model, on the real engine with a tiny random model. */
class ServingTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int CLIPS = 4;
    private static final int CLIENTS = 64;
    private static final int CLIP_ROWS = 200;
    private static final int ANSWER = 12;

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
    @EnabledOnOs(value = OS.LINUX, disabledReason = "reads /proc")
    void sixtyFourClientsAtOnceGetTheAnswersThatEachGetsAloneAndLeaveMemoryFlat() throws IOException {
        ActorRef<LanguageModel.Command> quiet =
                tiny.spawn(kit, "quiet", 2, new LanguageModelSettings(1, 1, 1_000_000, 64, 512, 0));
        List<LanguageModel.Ended> alone = IntStream.range(0, CLIENTS)
                .mapToObj(client -> ended(ask(quiet, question("alone", client))))
                .toList();
        kit.stop(quiet);

        ServingMetrics metrics = ServingMetrics.inMemory();
        ActorRef<LanguageModel.Command> busy = tiny.spawn(
                kit,
                "busy",
                2,
                new LanguageModelSettings(8, CLIENTS, 1_000_000, 64, 512, CLIPS),
                metrics,
                Clock.systemUTC());
        long growth = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = residentBytes();
            String name = "round-" + round;
            List<TestProbe<LanguageModel.Event>> probes = IntStream.range(0, CLIENTS)
                    .mapToObj(client -> ask(busy, question(name, client)))
                    .toList();
            for (int client = 0; client < CLIENTS; client++) {
                LanguageModel.Ended together = ended(probes.get(client));
                assertThat(together.tokens())
                        .as("client %d of %s", client, name)
                        .isEqualTo(alone.get(client).tokens());
            }
            growth = Math.min(growth, residentBytes() - before);
        }
        kit.stop(busy);

        // A round whose embeddings or sequences stayed behind would take 1.2 MiB and more.
        assertThat(growth).as("bytes by which the quietest round grew").isLessThan(1L << 19);
        assertThat(metrics.registry()
                        .counter("kinora.prefix.requests", "result", "miss")
                        .count())
                .as("each clip is read once, whoever asks first")
                .isEqualTo(CLIPS);
    }

    @Test
    void aCancelledAnswersPlaceIsTakenByTheVeryNextStep() throws InterruptedException {
        Gate gate = new Gate();
        ActorRef<LanguageModel.Command> model = tiny.spawn(
                kit,
                "gated",
                List.of(() -> gate.before(tiny.stages(1).get(0).get())),
                new LanguageModelSettings(1, 8, 1_000_000, 64, 512, 0),
                ServingMetrics.inMemory(),
                Clock.systemUTC());
        TestProbe<LanguageModel.Event> first = ask(model, text("first", "Tell me everything.", 400));
        long running = gate.nextStep().segments().get(0).sequence();
        TestProbe<LanguageModel.Event> second = ask(model, text("second", "And now?", 1));
        gate.open();
        assertThat(gate.nextStep().segments().get(0).sequence()).isEqualTo(running);

        model.tell(new LanguageModel.Cancel("first"));
        assertThat(ended(first).reason()).isEqualTo(TextEnd.CANCELLED);
        gate.open(); // the step that was under way when the cancellation came

        assertThat(gate.nextStep().segments()).hasSize(1).noneMatch(segment -> segment.sequence() == running);
        gate.open();
        assertThat(ended(second).tokens()).hasSizeBetween(0, 1);
        kit.stop(model);
    }

    @Test
    void anAnswerThatIsWrittenPastItsDeadlineEndsAndSaysHowFarItCame() {
        SetClock clock = new SetClock(Instant.parse("2026-11-22T10:00:00Z"));
        ActorRef<LanguageModel.Command> model = tiny.spawn(
                kit,
                "deadline",
                1,
                new LanguageModelSettings(1, 8, 1_000_000, 64, 512, 0),
                ServingMetrics.inMemory(),
                clock);
        TestProbe<LanguageModel.Event> probe = ask(
                model,
                new LanguageModelRequest(
                        "late",
                        ids("Tell me everything."),
                        List.of(),
                        Optional.empty(),
                        0,
                        Optional.of(clock.instant().plusSeconds(60)),
                        new LanguageModelRequest.Text(TextOptions.greedy(450))));
        for (int i = 0; i < 5; i++) {
            probe.expectMessageClass(LanguageModel.TokenGenerated.class, PATIENCE);
        }
        clock.set(clock.instant().plusSeconds(61));
        LanguageModel.Event last = probe.receiveMessage(PATIENCE);
        while (last instanceof LanguageModel.TokenGenerated) {
            last = probe.receiveMessage(PATIENCE);
        }
        LanguageModel.Refused refused = (LanguageModel.Refused) last;
        assertThat(refused.refusal()).isEqualTo(LanguageModel.Refusal.LATE);
        assertThat(refused.reason()).containsPattern("after [1-9][0-9]* tokens");
        kit.stop(model);
    }

    @Test
    void aRequestThatTheCacheCannotHoldIsRefusedWithTheFigures() {
        TinyLanguageModel small = new TinyLanguageModel(engine, tokenizer, 256 * TinyLanguageModel.POSITION_BYTES);
        ActorRef<LanguageModel.Command> model =
                small.spawn(kit, "small", 1, new LanguageModelSettings(4, 8, 1_000_000, 64, 512, 0));
        LanguageModel.Refused refused = ask(model, text("large", "word ".repeat(40), 250))
                .expectMessageClass(LanguageModel.Refused.class, PATIENCE);
        assertThat(refused.refusal()).isEqualTo(LanguageModel.Refusal.TOO_LONG);
        assertThat(refused.reason()).contains("the cache holds 256");
        assertThat(ended(ask(model, text("fits", "And now?", 3))).tokens()).hasSize(3);
        kit.stop(model);
    }

    @Test
    void requestsThatAreTooMuchTogetherAreRefusedWhereTheirNumberAloneIsNot() {
        Gate gate = new Gate();
        ActorRef<LanguageModel.Command> model = tiny.spawn(
                kit,
                "tokens",
                List.of(() -> gate.before(tiny.stages(1).get(0).get())),
                new LanguageModelSettings(1, 8, 300, 64, 512, 0),
                ServingMetrics.inMemory(),
                Clock.systemUTC());
        TestProbe<LanguageModel.Event> running = ask(model, text("running", "x", 2));
        TestProbe<LanguageModel.Event> waiting = ask(model, text("waiting", "y", 200));
        LanguageModel.Refused refused =
                ask(model, text("third", "z", 200)).expectMessageClass(LanguageModel.Refused.class, PATIENCE);
        assertThat(refused.refusal()).isEqualTo(LanguageModel.Refusal.BUSY);
        assertThat(refused.reason()).contains("allowed are 300");
        gate.open(1_000);
        assertThat(ended(running).tokens()).hasSize(2);
        assertThat(ended(waiting).tokens()).hasSize(200);
        kit.stop(model);
    }

    /** A question of a client about one of some clips, which those who ask about the same one share. */
    private static LanguageModelRequest question(String round, int client) {
        int clip = client % CLIPS;
        List<Integer> ids =
                new ArrayList<>(IntStream.range(3, 3 + CLIP_ROWS + 10).boxed().toList());
        ids.addAll(ids("Question number " + client / CLIPS + ": which shape moves left?"));
        float[] values = new float[CLIP_ROWS * TinyLanguageModel.VISUAL_WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(0.3 * i + clip);
        }
        Tensor embeddings = engine.of(values, CLIP_ROWS, TinyLanguageModel.VISUAL_WIDTH);
        return new LanguageModelRequest(
                round + "-" + client,
                ids,
                List.of(new StageInput.Visual(5, embeddings)),
                Optional.of(new LanguageModelRequest.Prefix("clip-" + clip, CLIP_ROWS + 10)),
                0,
                Optional.empty(),
                new LanguageModelRequest.Text(TextOptions.greedy(ANSWER)));
    }

    private static LanguageModelRequest text(String id, String prompt, int maxNewTokens) {
        return new LanguageModelRequest(
                id,
                ids(prompt),
                List.of(),
                Optional.empty(),
                0,
                Optional.empty(),
                new LanguageModelRequest.Text(TextOptions.greedy(maxNewTokens)));
    }

    private static List<Integer> ids(String text) {
        return IntStream.of(tokenizer.encode(text)).boxed().toList();
    }

    private static TestProbe<LanguageModel.Event> ask(
            ActorRef<LanguageModel.Command> model, LanguageModelRequest request) {
        TestProbe<LanguageModel.Event> probe = kit.createTestProbe();
        model.tell(new LanguageModel.Generate(request, probe.ref()));
        return probe;
    }

    private static LanguageModel.Ended ended(TestProbe<LanguageModel.Event> probe) {
        LanguageModel.Event event = probe.receiveMessage(PATIENCE);
        while (event instanceof LanguageModel.TokenGenerated) {
            event = probe.receiveMessage(PATIENCE);
        }
        return (LanguageModel.Ended) event;
    }

    /** Memory of the process's own, Java's heap included. */
    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    /** Lets a stage compute a step only when the test says so, and tells which rows it has. */
    private static final class Gate {
        private final BlockingQueue<StageBatch> steps = new LinkedBlockingQueue<>();
        private final Semaphore permits = new Semaphore(0);

        LanguageModelStage before(LanguageModelStage stage) {
            return new Gated(stage, this);
        }

        StageBatch nextStep() throws InterruptedException {
            StageBatch batch = steps.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(batch).as("a step that is under way").isNotNull();
            return batch;
        }

        void open() {
            open(1);
        }

        void open(int steps) {
            permits.release(steps);
        }
    }

    private record Gated(LanguageModelStage stage, Gate gate) implements LanguageModelStage {
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
            gate.steps.add(batch);
            gate.permits.acquireUninterruptibly();
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

    /** A clock that stands still until it is set. */
    private static final class SetClock extends Clock {
        private volatile Instant now;

        SetClock(Instant now) {
            this.now = now;
        }

        void set(Instant instant) {
            now = instant;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
