package io.kinora.actors.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.actors.UntrainedModel;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.ClaimCheck;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.WireJson;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.topic.Topic;
import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What comes on a topic is untrusted: over a real broker and the small untrained model. */
@ExtendWith(SharedBroker.class)
@Tag("slow")
final class BadAmongGoodTest {
    /** {@code kinora.kafka.claim-check.max-size}. */
    private static final long MOST_BYTES = 512L * 1024 * 1024;

    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    Path folder;

    @Test
    void theGoodOnesAreAllAnsweredAndTheBadOnesAllDeadWithTheirReasons(KafkaClients clients) throws Exception {
        Map<String, byte[]> bad = bad();
        try (UntrainedModel model = UntrainedModel.in(folder);
                Bench bench = new Bench(clients);
                Pipelines running = bench.start(model)) {
            assertThat(running).isNotNull();
            bench.subscribe(Subscription.of("gate", "*", StandingQuestion.of("Is it open?", List.of("yes", "no"))));
            int number = 0;
            for (Map.Entry<String, byte[]> next : bad.entrySet()) {
                good(bench, number);
                RecordHeaders headers = new RecordHeaders();
                headers.add("content-type", next.getKey().split(" ", -1)[0].getBytes(UTF_8));
                headers.add("own", next.getKey().getBytes(UTF_8));
                bench.send(new ProducerRecord<>(
                        bench.topic(Topic.CLIPS), null, "cam".getBytes(UTF_8), next.getValue(), headers));
                number++;
            }
            List<Answer> answers = bench.answers(bad.size());
            assertThat(answers.stream()
                            .map(answer -> answer.clip().orElseThrow().clipId()))
                    .containsExactly("good-0", "good-1", "good-2", "good-3", "good-4", "good-5", "good-6");
            assertThat(answers).allMatch(answer -> answer.error().isEmpty());

            List<ConsumerRecord<byte[], byte[]>> dead = bench.await(bench.topic(Topic.CLIPS) + ".dlq", bad.size());
            assertThat(dead.stream().map(letter -> Bench.header(letter, "own")))
                    .containsExactlyElementsOf(bad.keySet());
            assertThat(dead).allSatisfy(letter -> {
                assertThat(letter.value()).isEqualTo(bad.get(Bench.header(letter, "own")));
                assertThat(Bench.header(letter, "__connect.errors.exception.message"))
                        .isNotBlank();
            });
            assertThat(dead.stream().map(letter -> Bench.header(letter, "kinora-error-code")))
                    .as("reasons")
                    .allMatch(code -> code.startsWith("clip.") || code.startsWith("malformed."));
            assertThat(Bench.header(dead.get(dead.size() - 1), "__connect.errors.exception.message"))
                    .contains(Long.toString(MOST_BYTES));
            long end = System.nanoTime() + Bench.PATIENCE.toNanos();
            while (counted(model) < bad.size() && System.nanoTime() < end) {
                Thread.onSpinWait(); // a letter is counted once its transaction is committed
            }
            assertThat(counted(model)).as("dead letters by metrics").isEqualTo(bad.size());
        }
    }

    /** Of two formats on the one topic. */
    private static void good(Bench bench, int number) throws Exception {
        String id = "good-" + number;
        Instant at = START.plusSeconds(number);
        if (number % 2 == 0) {
            bench.clip("cam", id, at, Bench.video(number));
        } else {
            byte[] webm = Bench.video(number, EncodeSettings.webm(Rational.of(12, 1)));
            bench.clip("cam", id, at, "video/webm", webm);
        }
    }

    private static double counted(UntrainedModel model) {
        return model.metrics().registry().find("kinora.dead.letters").counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static Map<String, byte[]> bad() throws IOException {
        byte[] whole = Bench.video(3);
        Map<String, byte[]> bad = new LinkedHashMap<>();
        bad.put("video/mp4 cut short", Arrays.copyOf(whole, whole.length / 3));
        bad.put("video/mp4 no video at all", "this is no video".getBytes(UTF_8));
        bad.put("video/x-yuv4mpeg of no frames", "YUV4MPEG2 W64 H48 F12:1\n".getBytes(UTF_8));
        bad.put("video/x-yuv4mpeg of too many pixels", "YUV4MPEG2 W30000 H30000 F12:1\nFRAME\n".getBytes(UTF_8));
        bad.put("application/json of another kind", "{\"text\": \"What moves?\"}".getBytes(UTF_8));
        bad.put("video/mp4 of no bytes", new byte[0]);
        String sha256 = "ab".repeat(32);
        ClaimCheck more = new ClaimCheck(URI.create("urn:sha256:" + sha256), sha256, MOST_BYTES + 1, "video/mp4");
        bad.put(ClaimCheck.MEDIA_TYPE + " of too many bytes", WireJson.write(more));
        return bad;
    }
}
