package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.topic.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process, a real kill -9, and a client that is nothing but bytes on topics. */
@Tag("slow")
class KilledBetweenQuestionAndAnswerTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String LONG_QUESTION =
            "{\"text\": \"Describe the clip.\", \"maxNewTokens\": 900, \"temperature\": 1.0}";

    @TempDir
    Path folder;

    @Test
    void theAnswerArrivesOnceAfterTheNextStart() throws Exception {
        int port = freePort();
        KafkaClients clients =
                new KafkaClients(KafkaSettings.from(ConfigFactory.load()).withBootstrapServers("127.0.0.1:" + port));
        try (ServeProcess serve = ServeProcess.start(folder, port)) {
            send(clients, "kinora.clips", "camera-1", sample());
            send(clients, "kinora.questions", "camera-1", LONG_QUESTION.getBytes(StandardCharsets.UTF_8));
            assertThat(read(clients, Topic.PARTIAL_ANSWERS, 1))
                    .as("the answer has begun")
                    .isNotEmpty();
            serve.kill();
        }
        try (ServeProcess again = ServeProcess.start(folder, port)) {
            List<Answer> answers = answers(clients);
            assertThat(answers).hasSize(1);
            assertThat(answers.get(0).error()).isEmpty();
            assertThat(answers.get(0).stream()).isEqualTo("camera-1");

            send(clients, "kinora.questions", "camera-1", "And now?".getBytes(StandardCharsets.UTF_8));
            assertThat(read(clients, Topic.ANSWERS, 2))
                    .as("one answer each, in order")
                    .hasSize(2);
            assertThat(again.stop()).as("exit status after Ctrl-C").isIn(0, 143);
        }
    }

    private static List<Answer> answers(KafkaClients clients) {
        RecordDecoder decoder = new RecordDecoder();
        return read(clients, Topic.ANSWERS, 1).stream()
                .map(record -> decoder.answer(record).body())
                .toList();
    }

    /** All committed records of a topic, once there are that many. */
    private static List<ConsumerRecord<byte[], byte[]>> read(KafkaClients clients, Topic topic, int atLeast) {
        try (Consumer<byte[], byte[]> consumer = clients.consumer("test", Map.of())) {
            String name = clients.settings().topics().name(topic);
            List<TopicPartition> partitions = consumer.partitionsFor(name).stream()
                    .map(info -> new TopicPartition(name, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < end && found.size() < atLeast) {
                consumer.poll(Duration.ofMillis(100)).forEach(found::add);
            }
            consumer.poll(Duration.ofMillis(500)).forEach(found::add);
            return found;
        }
    }

    private static void send(KafkaClients clients, String topic, String key, byte[] value) throws Exception {
        try (Producer<byte[], byte[]> producer = clients.producer("test")) {
            producer.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value))
                    .get();
        }
    }

    private static byte[] sample() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                KilledBetweenQuestionAndAnswerTest.class.getResourceAsStream("/samples/red-circle.mp4"))) {
            return in.readAllBytes();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
