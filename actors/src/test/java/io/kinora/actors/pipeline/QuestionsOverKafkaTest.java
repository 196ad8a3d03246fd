package io.kinora.actors.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.kinora.actors.UntrainedModel;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.ChoiceProbability;
import io.kinora.kafka.record.ModelIdentity;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Questions as bytes on a real broker, good ones among bad ones. */
@ExtendWith(SharedBroker.class)
class QuestionsOverKafkaTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    static Path folder;

    @Test
    void goodQuestionsAreAnsweredInOrderAndBadOnesGoToTheDeadLettersWithTheirReason(KafkaClients clients)
            throws Exception {
        clients.provisionTopics();
        RecordDecoder decoder = new RecordDecoder();
        try (UntrainedModel model = UntrainedModel.in(folder);
                Pipelines pipelines = Pipelines.start(
                        model.kit().system(),
                        clients.settings(),
                        "/kinora/test",
                        new ModelIdentity(
                                model.hosts().card().name(),
                                model.hosts().card().revision(),
                                true),
                        model.hosts().answers(),
                        model.hosts().renders(),
                        4,
                        JobSettings.from(ConfigFactory.load()),
                        model.metrics())) {
            try (Producer<byte[], byte[]> producer = clients.producer("test")) {
                send(clients, producer, Topic.CLIPS, "good", clip());
                send(clients, producer, Topic.CLIPS, "text", bytes("this is no video"));
                send(clients, producer, Topic.QUESTIONS, "good", bytes("What moves?"));
                send(clients, producer, Topic.QUESTIONS, "good", bytes("{\"text\": \"x\", \"frames\": 99}"));
                send(clients, producer, Topic.QUESTIONS, "good", bytes("{\"text\": "));
                send(
                        clients,
                        producer,
                        Topic.QUESTIONS,
                        "good",
                        bytes("{\"text\": \"And where to?\", \"maxNewTokens\": 5}"));
                send(
                        clients,
                        producer,
                        Topic.QUESTIONS,
                        "good",
                        bytes("{\"text\": \"Is it red?\", \"choices\": [\"yes\", \"no\", \"a red circle\"]}"));
                send(
                        clients,
                        producer,
                        Topic.QUESTIONS,
                        "good",
                        bytes(
                                "{\"text\": \"Where?\", \"maxNewTokens\": 4, \"temperature\": 1.0, \"topK\": 50, \"topLogprobs\": 2}"));
                send(
                        clients,
                        producer,
                        Topic.QUESTIONS,
                        "good",
                        bytes("{\"text\": \"When?\", \"deadline\": \"2020-01-01T00:00:00Z\"}"));
                send(clients, producer, Topic.QUESTIONS, "text", bytes("What is this?"));
                send(clients, producer, Topic.QUESTIONS, "nobody", bytes("Who is there?"));
                producer.flush();
            }
            List<Answer> good = await(clients, Topic.ANSWERS, "good", 5).stream()
                    .map(record -> decoder.answer(record).body())
                    .toList();
            assertThat(good.subList(0, 4)).allMatch(answer -> answer.error().isEmpty());
            assertThat(good.get(1).tokens().completion()).isEqualTo(5);
            assertThat(good.get(0).clip().orElseThrow().frameTimestamps()).hasSize(8);

            List<ChoiceProbability> choices = good.get(2).choices().orElseThrow();
            assertThat(choices).extracting(ChoiceProbability::choice).containsExactly("yes", "no", "a red circle");
            assertThat(choices.stream()
                            .mapToDouble(ChoiceProbability::probability)
                            .sum())
                    .isCloseTo(1, within(2e-4));
            assertThat(good.get(2).text())
                    .isEqualTo(choices.stream()
                            .max(Comparator.comparingDouble(ChoiceProbability::probability))
                            .orElseThrow()
                            .choice());
            assertThat(good.get(3).logprobs().orElseThrow()).hasSize(4).allSatisfy(token -> {
                assertThat(token.topLogprobs()).hasSize(2);
                assertThat(token.logprob()).isNegative();
            });
            assertThat(good.get(4).error().orElseThrow().code()).isEqualTo("late");

            Answer text = decoder.answer(
                            await(clients, Topic.ANSWERS, "text", 1).get(0))
                    .body();
            assertThat(text.error().orElseThrow().code()).isEqualTo("clip.unreadable");
            Answer nobody = decoder.answer(
                            await(clients, Topic.ANSWERS, "nobody", 1).get(0))
                    .body();
            assertThat(nobody.error().orElseThrow().code()).isEqualTo("clip.unknown");

            String deadLetters = clients.settings().topics().deadLetterName(name(clients, Topic.QUESTIONS));
            List<ConsumerRecord<byte[], byte[]>> dead = new TopicReader(clients).records(deadLetters, "good");
            assertThat(dead).hasSize(2);
            assertThat(new String(dead.get(0).value(), StandardCharsets.UTF_8))
                    .isEqualTo("{\"text\": \"x\", \"frames\": 99}");
            assertThat(new String(
                            dead.get(0)
                                    .headers()
                                    .lastHeader("__connect.errors.exception.message")
                                    .value(),
                            StandardCharsets.UTF_8))
                    .contains("99")
                    .contains("8, 12 and 16");
        }
    }

    private static List<ConsumerRecord<byte[], byte[]>> await(
            KafkaClients clients, Topic topic, String key, int count) {
        TopicReader reader = new TopicReader(clients);
        List<ConsumerRecord<byte[], byte[]>> found = List.of();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (found.size() < count && System.nanoTime() < end) {
            found = reader.records(name(clients, topic), key);
        }
        assertThat(found).as("%s of %s", topic, key).hasSize(count);
        return found;
    }

    private static void send(
            KafkaClients clients, Producer<byte[], byte[]> producer, Topic topic, String key, byte[] value) {
        var sent = producer.send(new ProducerRecord<>(name(clients, topic), bytes(key), value));
        assertThat(sent).isNotNull();
    }

    private static String name(KafkaClients clients, Topic topic) {
        return clients.settings().topics().name(topic);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] clip() throws IOException {
        List<RgbFrame> frames = new ArrayList<>();
        IntStream.range(0, 24).forEach(i -> {
            byte[] pixels = new byte[64 * 48 * 3];
            Arrays.fill(pixels, (byte) (10 * i));
            frames.add(RgbFrame.of(64, 48, pixels));
        });
        return VideoEncoder.encode(frames, EncodeSettings.mp4(Rational.of(12, 1)));
    }
}
