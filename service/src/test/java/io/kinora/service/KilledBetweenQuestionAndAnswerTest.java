package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.job.JobStates;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.topic.Topic;
import io.kinora.service.cli.KinoraCommand;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.io.InputStream;
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
            "{\"text\": \"Describe the clip.\", \"maxNewTokens\": 500, \"temperature\": 1.0}";

    private static final String LONG_JOB =
            "{\"prompt\": \"a blue star\", \"frames\": 8, \"width\": 64, \"height\": 48, \"steps\": 80}";

    @TempDir
    Path folder;

    @Test
    void theAnswerArrivesOnceAfterTheNextStart() throws Exception {
        int port = FreePorts.one();
        KafkaClients clients =
                new KafkaClients(KafkaSettings.from(ConfigFactory.load()).withBootstrapServers("127.0.0.1:" + port));
        try (KinoraProcess serve = KinoraProcess.serving(folder, port)) {
            send(clients, "kinora.clips", "camera-1", sample());
            send(clients, "kinora.questions", "camera-1", LONG_QUESTION.getBytes(StandardCharsets.UTF_8));
            send(clients, "kinora.prompts", "job-1", LONG_JOB.getBytes(StandardCharsets.UTF_8));
            assertThat(read(clients, Topic.JOBS, 2)).as("the job has begun").hasSizeGreaterThan(1);
            assertThat(read(clients, Topic.PARTIAL_ANSWERS, 1))
                    .as("the answer has begun")
                    .isNotEmpty();
            serve.kill();
        }
        try (KinoraProcess again = KinoraProcess.serving(folder, port)) {
            List<Answer> answers = answers(clients);
            assertThat(answers).hasSize(1);
            assertThat(answers.get(0).error()).isEmpty();
            assertThat(answers.get(0).stream()).isEqualTo("camera-1");

            send(clients, "kinora.questions", "camera-1", "And now?".getBytes(StandardCharsets.UTF_8));
            assertThat(read(clients, Topic.ANSWERS, 2))
                    .as("one answer each, in order")
                    .hasSize(2);
            theJobHasOneVideo(clients, port);
            assertThat(again.stop()).as("exit status after Ctrl-C").isIn(0, 143);
        }
    }

    /** As a person sees it, who has nothing but the command line. */
    private void theJobHasOneVideo(KafkaClients clients, int port) {
        assertThat(read(clients, Topic.VIDEOS, 1)).as("videos").hasSize(1);
        Path video = folder.resolve("job-1.mp4");
        String server = "127.0.0.1:" + port;
        assertThat(KinoraCommand.run("jobs", "list", "--status", "succeeded", "--bootstrap-servers", server))
                .isZero();
        assertThat(KinoraCommand.run("jobs", "show", "job-1", "-o", video.toString(), "--bootstrap-servers", server))
                .isZero();
        assertThat(VideoProbe.probe(VideoSource.file(video), DecodeLimits.defaults())
                        .frameCount())
                .hasValue(8);
        assertThat(KinoraCommand.run("jobs", "delete", "job-1", "--bootstrap-servers", server))
                .isZero();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (JobStates.read(clients, new RecordDecoder()).containsKey("job-1")) {
            assertThat(System.nanoTime()).as("the job is not forgotten").isLessThan(end);
        }
        assertThat(KinoraCommand.run("jobs", "show", "job-1", "--bootstrap-servers", server))
                .as("a job that is forgotten")
                .isEqualTo(3);
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
}
