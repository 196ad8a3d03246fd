package io.kinora.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.service.Page;
import io.kinora.service.Printed;
import io.kinora.service.cli.KinoraCommand;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The commands of a tutorial, one after the other as its reader types them, against a service that runs already. Kinora's commands run as they are, but for
 * the addresses of broker and service, and the reader's own files ({@code my-…}), which lie in a folder of the test. What {@code curl} and {@code kcat}
 * would do is done with Java's and Kafka's own clients.
 */
final class TutorialRun {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Set<String> OF_A_CLUSTER = Set.of("ingest", "session", "stand", "jobs", "backfill", "dlq");
    private static final Set<String> COMPUTING = Set.of("generate", "ask");
    private static final Pattern VIDEO = Pattern.compile("\"id\"\\s*:\\s*\"(video_[^\"]+)\"");

    private final Deque<Page.Command> left;
    private final Deque<KcatCommand> records;
    private final FreshKinora kinora;
    private final Path folder;
    private final Printed printed;
    private final HttpClient http = HttpClient.newHttpClient();
    private String id = "";

    /**
     * Of a page.
     *
     * @param folder of the reader's files
     * @param printed what commands print
     */
    TutorialRun(String page, FreshKinora kinora, Path folder, Printed printed) throws Exception {
        Path file = Page.project().resolve("docs/tutorials").resolve(page);
        this.left = new ArrayDeque<>(Page.read(file).commands());
        this.records = new ArrayDeque<>(KcatCommand.of(file));
        this.kinora = kinora;
        this.folder = folder;
        this.printed = printed;
    }

    /** Runs the next command, which begins with these words, and gives what it prints. */
    String run(String beginning) throws Exception {
        return run(next(beginning));
    }

    /** Runs the next command again and again, until what it prints satisfies. */
    String runUntil(String beginning, Predicate<String> satisfied) throws Exception {
        Page.Command command = next(beginning);
        Instant end = Instant.now().plus(PATIENCE);
        String shown = run(command);
        while (!satisfied.test(shown)) {
            assertThat(Instant.now()).as("%s shows %s", command.line(), shown).isBefore(end);
            shown = run(command);
        }
        return shown;
    }

    /** Leaves the next command out: it starts the service, or needs what a test has not. */
    void leaveOut(String beginning) {
        next(beginning);
    }

    void assertThatNothingIsLeft() {
        assertThat(left).isEmpty();
    }

    private Page.Command next(String beginning) {
        Page.Command command = left.remove();
        assertThat(command.line()).startsWith(beginning);
        return command;
    }

    private String run(Page.Command command) throws Exception {
        if (command.calls("./kinora")) {
            return kinora(command.words());
        }
        if (command.calls("curl")) {
            return curl(command.words());
        }
        if (command.line().startsWith("kcat -C")) {
            return consumed(command.words());
        }
        assertThat(command.line()).contains("kcat -P");
        return produced(records.remove());
    }

    private String kinora(List<String> words) {
        String verb = words.get(1);
        List<String> arguments = words.stream().skip(1).map(this::own).collect(Collectors.toCollection(ArrayList::new));
        if (OF_A_CLUSTER.contains(verb)) {
            arguments.addAll(List.of("--bootstrap-servers", broker()));
        }
        if (COMPUTING.contains(verb)) {
            arguments.addAll(List.of("--checkpoint", FreshKinora.SHIPPED.toString()));
        }
        if (OF_A_CLUSTER.contains(verb) || COMPUTING.contains(verb)) {
            arguments.addAll(List.of("--data", folder.resolve("data").toString()));
        }
        printed.forgetOut();
        assertThat(KinoraCommand.run(arguments.toArray(String[]::new)))
                .as("%s: %s", words, printed.err())
                .isZero();
        return printed.out();
    }

    private String own(String word) {
        return word.startsWith("my-") ? folder.resolve(word).toString() : word;
    }

    private String curl(List<String> words) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder();
        Optional<Path> file = Optional.empty();
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            switch (word) {
                case "-N" -> {}
                case "-d" -> request.POST(HttpRequest.BodyPublishers.ofString(words.get(++i)));
                case "-o" -> file = Optional.of(Path.of(own(words.get(++i))));
                default ->
                    request.uri(URI.create(word.replaceFirst("^localhost:8080", kinora.address())
                            .replace("/ID", "/" + id)));
            }
        }
        HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        String text = new String(response.body(), UTF_8);
        assertThat(response.statusCode()).as("%s: %s", words, text).isEqualTo(200);
        if (file.isPresent()) {
            Files.write(file.get(), response.body());
            return "";
        }
        Matcher video = VIDEO.matcher(text);
        if (words.contains("-d") && video.find()) {
            id = video.group(1);
        }
        return text;
    }

    private String produced(KcatCommand command) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(command.record(folder)).get();
        }
        return "";
    }

    private String consumed(List<String> words) {
        return new TopicReader(clients())
                .all(words.get(words.indexOf("-t") + 1)).stream()
                        .map(record -> new String(record.value(), UTF_8))
                        .collect(Collectors.joining("\n"));
    }

    private KafkaClients clients() {
        return new KafkaClients(kinora.cluster().settings());
    }

    private String broker() {
        return kinora.cluster().settings().bootstrapServers().orElseThrow();
    }
}
