package io.kinora.actors.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.kinora.actors.UntrainedModel;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.Alert;
import io.kinora.kafka.record.Answer;
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
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Standing questions as any producer writes them, over a real broker and the small untrained model. */
@ExtendWith(SharedBroker.class)
@Tag("slow")
final class StandingQuestionsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String GATE = """
            {"streams": "cam*", "question": {"text": "Is the gate open?", "choices": ["yes", "no"]},
             "alert": {"choice": "yes", "threshold": 1e-9, "release": 0}}""";
    private static final String WHAT = """
            {"streams": "cam1", "question": {"text": "What happens?", "maxNewTokens": 4}}""";

    @TempDir
    Path folder;

    private final RecordDecoder decoder = new RecordDecoder();

    @Test
    void theyAreAskedAboutEveryClipOfTheirStreamsFromWhenTheyStandUntilTheyAreDeleted(KafkaClients clients)
            throws Exception {
        clients.provisionTopics();
        try (UntrainedModel model = UntrainedModel.in(folder);
                Producer<byte[], byte[]> producer = clients.producer("test")) {
            send(clients, producer, Topic.CLIPS, "cam1", clip(1)); // nobody asks about it
            try (Pipelines pipelines = start(model, clients)) {
                assertThat(pipelines).isNotNull();
                send(clients, producer, Topic.SUBSCRIPTIONS, "gate", bytes(GATE));
                send(clients, producer, Topic.SUBSCRIPTIONS, "what", bytes(WHAT));
                send(clients, producer, Topic.SUBSCRIPTIONS, "broken", bytes("{\"streams\": \"cam*\"}"));
                send(clients, producer, Topic.CLIPS, "cam1", clip(2));
                send(clients, producer, Topic.CLIPS, "cam1", bytes("this is no video"));
                send(clients, producer, Topic.CLIPS, "cam1", clip(3));
                send(clients, producer, Topic.CLIPS, "door", clip(2));
                send(clients, producer, Topic.CLIPS, "cam2", clip(2));

                List<Answer> cam1 = answers(clients, "cam1", 4);
                assertThat(answers(clients, "cam2", 1)
                                .get(0)
                                .subscription()
                                .orElseThrow()
                                .id())
                        .isEqualTo("gate");
                assertThat(ids(cam1)).containsExactly("gate", "what", "gate", "what");
                assertThat(cam1).allMatch(answer -> answer.error().isEmpty());
                assertThat(cam1.stream().map(Answer::id)).doesNotHaveDuplicates();
                assertThat(cam1.get(0).choices().orElseThrow()).hasSize(2);

                Alert alert = alerts(clients, "cam1", 1).get(0);
                assertThat(alert.kind()).isEqualTo(Alert.Kind.RAISED);
                assertThat(alert.answerId()).isEqualTo(cam1.get(0).id());
                assertThat(alert.clip()).isEqualTo(cam1.get(0).clip().orElseThrow());
                assertThat(alert.thumbnail().orElseThrow()).startsWith("data:image/jpeg;base64,/9j/");

                assertThat(dead(clients, Topic.CLIPS, "cam1")).singleElement().satisfies(letter -> {
                    assertThat(letter.value()).isEqualTo(bytes("this is no video"));
                    assertThat(header(letter, "__connect.errors.exception.message"))
                            .isNotBlank();
                });
                assertThat(header(
                                dead(clients, Topic.SUBSCRIPTIONS, "broken").get(0),
                                "__connect.errors.exception.message"))
                        .contains("question");
            }

            send(clients, producer, Topic.SUBSCRIPTIONS, "what", null);
            try (Pipelines again = start(model, clients)) {
                assertThat(again).isNotNull();
                send(clients, producer, Topic.CLIPS, "cam1", clip(4));
                send(clients, producer, Topic.CLIPS, "cam2", clip(4));
                assertThat(ids(answers(clients, "cam1", 5))).containsExactly("gate", "what", "gate", "what", "gate");
                assertThat(answers(clients, "cam2", 2)).hasSize(2);
            }
            assertThat(alerts(clients, "cam1", 1))
                    .as("what was raised stays raised, also for the next owner of the partition")
                    .hasSize(1);
            assertThat(new TopicReader(clients).records(name(clients, Topic.ANSWERS), "door"))
                    .isEmpty();
        }
    }

    private static Pipelines start(UntrainedModel model, KafkaClients clients) {
        return Pipelines.start(
                model.kit().system(),
                clients.settings(),
                "/kinora/test",
                new ModelIdentity(
                        model.hosts().card().name(), model.hosts().card().revision(), true),
                model.hosts().answers(),
                model.hosts().renders(),
                4,
                JobSettings.from(ConfigFactory.load()),
                model.metrics());
    }

    private static List<String> ids(List<Answer> answers) {
        return answers.stream()
                .map(answer -> answer.subscription().orElseThrow().id())
                .toList();
    }

    private List<Answer> answers(KafkaClients clients, String key, int count) {
        return await(clients, name(clients, Topic.ANSWERS), key, count).stream()
                .map(record -> decoder.answer(record).body())
                .toList();
    }

    private List<Alert> alerts(KafkaClients clients, String key, int count) {
        return await(clients, name(clients, Topic.ALERTS), key, count).stream()
                .map(record -> decoder.alert(record).body())
                .toList();
    }

    private static List<ConsumerRecord<byte[], byte[]>> dead(KafkaClients clients, Topic input, String key) {
        return await(clients, clients.settings().topics().deadLetterName(name(clients, input)), key, 1);
    }

    private static List<ConsumerRecord<byte[], byte[]>> await(
            KafkaClients clients, String topic, String key, int count) {
        TopicReader reader = new TopicReader(clients);
        List<ConsumerRecord<byte[], byte[]>> found = List.of();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (found.size() < count && System.nanoTime() < end) {
            found = reader.records(topic, key);
        }
        assertThat(found).as("%s of %s", topic, key).hasSize(count);
        return found;
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static void send(
            KafkaClients clients, Producer<byte[], byte[]> producer, Topic topic, String key, byte[] value)
            throws Exception {
        producer.send(new ProducerRecord<>(name(clients, topic), bytes(key), value))
                .get();
    }

    private static String name(KafkaClients clients, Topic topic) {
        return clients.settings().topics().name(topic);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] clip(int shade) throws IOException {
        List<RgbFrame> frames = new ArrayList<>();
        IntStream.range(0, 24).forEach(i -> {
            byte[] pixels = new byte[64 * 48 * 3];
            Arrays.fill(pixels, (byte) (shade * i));
            frames.add(RgbFrame.of(64, 48, pixels));
        });
        return VideoEncoder.encode(frames, EncodeSettings.mp4(Rational.of(12, 1)));
    }
}
