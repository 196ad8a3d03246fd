package io.kinora.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.pipeline.Pipelines;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.AnswerSettings;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.service.KafkaCluster;
import io.kinora.service.KinoraNode;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What standing questions on a stream cost: from a clip on its topic to all answers committed, over a real broker and the pipelines of a node, with random
 * weights in Emu2's layout. One stream has one question that is answered by yes or no, another sixteen, a third sixteen that are answered in words; each round
 * a new clip for each in turn. Prints medians, and what the metrics counted. Arguments: rounds (default 5).
 */
public final class StandingQuestions {
    private static final int DEFAULT_ROUNDS = 5;
    private static final int MANY = 16;
    private static final int FRAMES = 16;
    private static final int WORDS = 8;
    private static final double NANOS = 1e9;

    /** What a clip took: seconds, processor seconds of the whole process, and how often each shared part was done. */
    private record Cost(double wall, double processor, double decodes, double encodes, double prefills, double reused) {
        static Cost now(MeterRegistry counted) {
            OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
            return new Cost(
                    System.nanoTime() / NANOS,
                    system.getProcessCpuTime() / NANOS,
                    counted.timer("kinora.clip.decode").count(),
                    counted.timer("kinora.clip.encode").count(),
                    counted.counter("kinora.prefix.requests", "result", "miss").count(),
                    counted.counter("kinora.prefix.requests", "result", "hit").count());
        }

        Cost since(Cost before) {
            return new Cost(
                    wall - before.wall,
                    processor - before.processor,
                    decodes - before.decodes,
                    encodes - before.encodes,
                    prefills - before.prefills,
                    reused - before.reused);
        }
    }

    private final KinoraClient client;
    private final MeterRegistry counted;
    private int clips;

    private StandingQuestions(KinoraClient client, MeterRegistry counted) {
        this.client = client;
        this.counted = counted;
    }

    /** Runs the rounds; the folder it works in is deleted at the end. */
    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROUNDS;
        Path folder = Files.createTempDirectory("kinora-standing-bench-");
        Path checkpoint = folder.resolve("checkpoint");
        try (Engine engine = Engines.open(Engines.AUTO, Device.CPU)) {
            QuestionsOnAClip.checkpoint(checkpoint, engine);
        }
        Config config = ConfigFactory.parseMap(Map.of(
                        "kinora.data-dir", folder.resolve("data").toString(),
                        "kinora.checkpoint", checkpoint.toString(),
                        "kinora.kafka.claim-check.folder",
                                folder.resolve("claims").toString(),
                        "kinora.kafka.embedded",
                                Map.of("folder", folder.resolve("kafka").toString(), "port", 0)))
                .withFallback(ConfigFactory.load())
                .resolve();
        try (KafkaCluster cluster = KafkaCluster.open(config);
                KinoraNode node = KinoraNode.start(config);
                Pipelines pipelines = node.connect(cluster.settings());
                KinoraClient client = new KinoraClient(new KafkaClients(cluster.settings()), "/kinora/benchmark")) {
            new StandingQuestions(client, node.metrics().registry()).run(rounds);
        } finally {
            QuestionsOnAClip.delete(folder);
        }
    }

    private void run(int rounds) throws IOException, InterruptedException {
        List<String> streams = List.of("one", "many", "words");
        List<List<Cost>> costs = new ArrayList<>();
        ask("one", 1, List.of("yes", "no"));
        ask("many", MANY, List.of("yes", "no"));
        ask("words", MANY, List.of());
        streams.forEach(stream -> costs.add(new ArrayList<>()));
        for (String stream : streams) {
            cost(stream); // loads and warms up
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < streams.size(); i++) {
                costs.get(i).add(cost(streams.get(i)));
            }
        }
        System.out.printf(Locale.ROOT, "%d rounds, medians, %d threads%n%n", rounds, threads());
        System.out.println("| standing questions | s | ratio | processor s | ratio | decodes | encodes | prefills of "
                + "the clip | behind its prefix |");
        System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        row("one, yes or no", costs.get(0), costs.get(0));
        row(MANY + ", yes or no", costs.get(1), costs.get(0));
        row(MANY + ", in " + WORDS + " tokens", costs.get(2), costs.get(0));
    }

    private static int threads() {
        return Integer.getInteger("kinora.threads", Runtime.getRuntime().availableProcessors());
    }

    private void ask(String stream, int count, List<String> choices) {
        for (int i = 0; i < count; i++) {
            AnswerSettings settings = AnswerSettings.of(i).withMaxNewTokens(WORDS);
            StandingQuestion question = StandingQuestion.of(
                    "Question %d: does the square move to the left?".formatted(i),
                    FRAMES,
                    choices.isEmpty() ? settings : settings.withChoices(choices));
            client.subscribe(Subscription.of("%s-%02d".formatted(stream, i), stream, question));
        }
    }

    /** A new clip on the stream, until all that is asked about it is committed. */
    private Cost cost(String stream) throws IOException, InterruptedException {
        byte[] bytes = QuestionsOnAClip.clip(40 + 2 * clips);
        double before = committed();
        Cost begun = Cost.now(counted);
        client.publish(new Clip(
                "clip-" + clips,
                stream,
                Optional.of("video/mp4"),
                new ClipPayload.Inline(Blob.wrap(bytes)),
                Instant.now()));
        clips++;
        while (committed() == before) {
            Thread.sleep(2);
        }
        return Cost.now(counted).since(begun);
    }

    private double committed() {
        return counted.counter("kinora.records", "pipeline", "standing").count();
    }

    private static void row(String what, List<Cost> costs, List<Cost> one) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f | %.2f | %.0f | %.0f | %.0f | %.0f |%n",
                what,
                median(costs, Cost::wall),
                median(costs, Cost::wall) / median(one, Cost::wall),
                median(costs, Cost::processor),
                median(costs, Cost::processor) / median(one, Cost::processor),
                median(costs, Cost::decodes),
                median(costs, Cost::encodes),
                median(costs, Cost::prefills),
                median(costs, Cost::reused));
    }

    private static double median(List<Cost> costs, ToDoubleFunction<Cost> part) {
        return QuestionsOnAClip.median(costs.stream().map(part::applyAsDouble).toList());
    }
}
