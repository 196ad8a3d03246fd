package io.kinora.service.cli;

import akka.Done;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.kinora.actors.cluster.ClusterSettings;
import io.kinora.actors.cluster.Role;
import io.kinora.actors.pipeline.Pipelines;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.topic.TopicCatalog;
import io.kinora.service.KafkaCluster;
import io.kinora.service.KinoraNode;
import io.kinora.service.http.ClusterBooks;
import io.kinora.service.http.HttpFace;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kinora serve}: answers and renders what comes over Kafka, until it is stopped. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = "Answers questions and renders prompts that come over Kafka and HTTP, until it is stopped.",
        footer = {
            "",
            "Without --bootstrap-servers it runs a broker of its own, its data under the data folder. Then, with kcat:",
            "  kcat -P -b localhost:9092 -t kinora.clips -k camera-1 -H content-type=video/mp4 clip.mp4",
            "  echo 'What moves?' | kcat -P -b localhost:9092 -t kinora.questions -k camera-1",
            "  kcat -C -b localhost:9092 -t kinora.answers -X isolation.level=read_committed"
        })
final class ServeCommand implements Callable<Integer> {
    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "The cluster, several addresses with commas. Default: a broker of our own.")
    private Optional<String> bootstrapServers = Optional.empty();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Port of a broker of our own. Default: 9092; 0 takes any free one.")
    private Optional<Integer> port = Optional.empty();

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Port of the HTTP API. Default: 8080; 0 takes any free one.")
    private Optional<Integer> httpPort = Optional.empty();

    @Mixin
    private NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        Config config = config();
        Terminal terminal = Terminal.standard();
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stopped, closed), "stop"));
        try {
            return ClusterSettings.from(config).answers()
                    ? serve(config, stopped, closed, terminal)
                    : hostParts(config, stopped, closed, terminal);
        } finally {
            closed.countDown();
        }
    }

    private static int serve(Config config, CountDownLatch stopped, CountDownLatch closed, Terminal terminal)
            throws IOException, InterruptedException {
        try (KafkaCluster cluster = KafkaCluster.open(config)) {
            terminal.stage("broker at " + cluster.address());
            try (KinoraNode node = KinoraNode.start(config);
                    Pipelines pipelines = node.connect(cluster.settings());
                    ClusterBooks books = ClusterBooks.open(cluster.settings(), pipelines)) {
                node.atExit(() -> await(closed));
                terminal.stage("checkpoint %s%s"
                        .formatted(
                                node.card().name(),
                                node.card().untrained() ? ", untrained: answers and videos mean nothing" : ""));
                TopicCatalog topics = cluster.settings().topics();
                if (!node.cluster().roles().contains(Role.API)) {
                    terminal.stage("reading the topics for the cluster; Ctrl-C stops");
                    return awaitEnd(node, stopped, terminal);
                }
                try (HttpFace http = node.listen(books)) {
                    terminal.stage("reading %s, %s and %s; Ctrl-C stops"
                            .formatted(
                                    topics.name(Topic.CLIPS),
                                    topics.name(Topic.QUESTIONS),
                                    topics.name(Topic.PROMPTS)));
                    node.modaVerse()
                            .ifPresent(modaVerse -> terminal.stage("ModaVerse %s reads %s"
                                    .formatted(modaVerse.name(), topics.name(Topic.INSTRUCTIONS))));
                    terminal.stage("listening at " + http.address());
                    return awaitEnd(node, stopped, terminal);
                }
            }
        }
    }

    /** A node that neither reads nor serves needs no Kafka. */
    private static int hostParts(Config config, CountDownLatch stopped, CountDownLatch closed, Terminal terminal)
            throws IOException, InterruptedException {
        try (KinoraNode node = KinoraNode.start(config)) {
            node.atExit(() -> await(closed));
            terminal.stage("at work for the cluster on %s, as %s; Ctrl-C stops"
                    .formatted(
                            node.card().name(),
                            node.cluster().roles().stream()
                                    .sorted()
                                    .map(Role::label)
                                    .collect(Collectors.joining(", "))));
            return awaitEnd(node, stopped, terminal);
        }
    }

    /** A node that its cluster has removed or refused ends as one that failed, so that whoever runs it starts it again. */
    private static int awaitEnd(KinoraNode node, CountDownLatch stopped, Terminal terminal)
            throws InterruptedException {
        CompletionStage<Done> lost = node.system().getWhenTerminated();
        lost.thenRun(stopped::countDown);
        stopped.await();
        if (!lost.toCompletableFuture().isDone()) {
            terminal.stage("stopping");
            return ExitStatus.DONE;
        }
        terminal.stage(node.loss() + "; stopping");
        return ExitStatus.FAILED;
    }

    private Config config() {
        Config config = options.config();
        if (bootstrapServers.isPresent()) {
            config = config.withValue(
                    "kinora.kafka.bootstrap-servers", ConfigValueFactory.fromAnyRef(bootstrapServers.get()));
        }
        if (port.isPresent()) {
            config = config.withValue("kinora.kafka.embedded.port", ConfigValueFactory.fromAnyRef(port.get()));
        }
        if (httpPort.isPresent()) {
            config = config.withValue("kinora.http.port", ConfigValueFactory.fromAnyRef(httpPort.get()));
        }
        return config;
    }

    /** Runs when the JVM is asked to end, and lets it end once everything is closed. */
    private static void stop(CountDownLatch stopped, CountDownLatch closed) {
        stopped.countDown();
        await(closed);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
