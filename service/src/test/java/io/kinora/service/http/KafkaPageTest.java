package io.kinora.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every command of docs/kafka.md that produces does what the page says, with nothing but Kafka's own producer and consumer. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class KafkaPageTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final RunningKinora kinora;

    KafkaPageTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @Test
    void plainRecordsAreEnoughToSubscribeAskTalkStandGenerateAndCancel() throws Exception {
        Files.write(kinora.folder().resolve("clip.mp4"), kinora.clipBytes());
        kinora.publish("door", "door-17");
        kinora.publish("gate", "gate-9");
        List<KcatCommand> commands = KcatCommand.of(page());
        assertThat(commands)
                .extracting(KcatCommand::topic)
                .containsExactly(
                        "kinora.clips",
                        "kinora.questions",
                        "kinora.questions",
                        "kinora.questions",
                        "kinora.questions",
                        "kinora.questions",
                        "kinora.questions",
                        "kinora.subscriptions",
                        "kinora.subscriptions",
                        "kinora.prompts",
                        "kinora.prompts");
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            // A clip, and two questions about clips.
            send(producer, commands.subList(0, 3));
            await(
                    "kinora.answers",
                    all -> all.stream()
                                    .filter(answer -> isAbout(answer, "door"))
                                    .count()
                            >= 2);

            // A conversation, which is kept, and forgotten.
            send(producer, commands.subList(3, 6));
            await("kinora.answers", all -> turns(all).equals(List.of(1, 2, 3)));
            await("kinora.sessions", all -> all.stream().anyMatch(kept -> is(kept, "talk") && kept.value() != null));
            send(producer, commands.subList(6, 7));
            await("kinora.sessions", all -> last(all, "talk").value() == null);

            // A question that stands, about a clip that comes, and is deleted.
            send(producer, commands.subList(7, 8));
            while (kinora.get("/v1/subscriptions/gate").statusCode() != 200) {
                assertThat(kinora.node().system().getWhenTerminated().toCompletableFuture())
                        .isNotDone();
            }
            send(producer, commands.subList(0, 1));
            await("kinora.answers", all -> all.stream()
                    .anyMatch(answer ->
                            json(answer).at("/subscription/id").asText().equals("gate")));
            send(producer, commands.subList(8, 9));
            while (kinora.get("/v1/subscriptions/gate").statusCode() != 404) {
                assertThat(kinora.node().system().getWhenTerminated().toCompletableFuture())
                        .isNotDone();
            }

            // A job, and its end.
            send(producer, commands.subList(9, 11));
            await(
                    "kinora.jobs",
                    all -> json(last(all, "job-1")).at("/status").asText().equals("cancelled"));
        }
    }

    private static Path page() {
        Path module = Path.of("").toAbsolutePath();
        Path root = Files.isDirectory(module.resolve("docs")) ? module : module.getParent();
        return root.resolve("docs/kafka.md");
    }

    private String broker() {
        return kinora.clients().settings().bootstrapServers().orElseThrow();
    }

    private void send(KafkaProducer<byte[], byte[]> producer, List<KcatCommand> commands) throws Exception {
        for (KcatCommand command : commands) {
            producer.send(command.record(kinora.folder())).get();
        }
    }

    /** Reads a topic from its beginning, as a console consumer does, until what it has seen satisfies. */
    private void await(String topic, Predicate<List<ConsumerRecord<byte[], byte[]>>> satisfies) {
        List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();
        Instant end = Instant.now().plus(PATIENCE);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            do {
                consumer.poll(Duration.ofMillis(200)).forEach(seen::add);
                assertThat(Instant.now())
                        .as(() -> topic + " shows "
                                + seen.stream().map(KafkaPageTest::words).toList())
                        .isBefore(end);
            } while (seen.isEmpty() || !satisfies.test(seen));
        }
    }

    private static boolean isAbout(ConsumerRecord<byte[], byte[]> answer, String stream) {
        JsonNode body = json(answer);
        return body.at("/stream").asText().equals(stream)
                && body.at("/subscription").isMissingNode()
                && body.at("/session").isMissingNode()
                && body.at("/error").isMissingNode();
    }

    private static List<Integer> turns(List<ConsumerRecord<byte[], byte[]>> answers) {
        return answers.stream()
                .map(KafkaPageTest::json)
                .filter(answer -> answer.at("/session/id").asText().equals("talk"))
                .map(answer -> answer.at("/session/turn").asInt())
                .toList();
    }

    private static ConsumerRecord<byte[], byte[]> last(List<ConsumerRecord<byte[], byte[]>> all, String key) {
        return all.stream()
                .filter(record -> is(record, key))
                .reduce((first, second) -> second)
                .orElseGet(() -> new ConsumerRecord<>("none", 0, 0, new byte[0], "{}".getBytes(UTF_8)));
    }

    private static boolean is(ConsumerRecord<byte[], byte[]> record, String key) {
        return record.key() != null && new String(record.key(), UTF_8).equals(key);
    }

    private static JsonNode json(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Json.MAPPER.readTree(record.value());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String words(ConsumerRecord<byte[], byte[]> record) {
        return record.value() == null ? "nothing" : new String(record.value(), UTF_8);
    }
}
