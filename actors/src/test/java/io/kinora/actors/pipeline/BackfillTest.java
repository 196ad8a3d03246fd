package io.kinora.actors.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.actors.UntrainedModel;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.topic.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Standing questions about clips that went by, over a real broker and the small untrained model. */
@ExtendWith(SharedBroker.class)
@Tag("slow")
final class BackfillTest {
    /** 200 in the long run: {@code -Dkinora.backfill.clips=200}. */
    private static final int CLIPS = Integer.getInteger("kinora.backfill.clips", 24);

    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
    private static final Instant END = START.plus(Duration.ofDays(1));

    @TempDir
    Path folder;

    @Test
    void itGivesTheAnswersThatLiveProcessingGaveAndNoneTwice(KafkaClients clients) throws Exception {
        try (UntrainedModel model = UntrainedModel.in(folder);
                Bench bench = new Bench(clients);
                Pipelines running = bench.start(model)) {
            assertThat(running).isNotNull();
            Subscription gate = Subscription.of(
                            "gate", "cam*", StandingQuestion.of("Is the gate open?", List.of("yes", "no")))
                    .withSince(Instant.EPOCH);
            bench.subscribe(gate);
            for (int i = 0; i < CLIPS; i++) {
                bench.clip("cam" + i % 3, "clip-" + i, START.plusSeconds(10L * i), Bench.video(i % 200));
            }
            Map<String, String> live = byId(bench.await(bench.topic(Topic.ANSWERS), CLIPS));
            forgetAnswers(clients, bench.topic(Topic.ANSWERS));

            Backfill backfill = new Backfill(clients, "/kinora/test");
            Backfill.Request all = new Backfill.Request(gate, START, END, 1_000, 16);
            assertThat(backfill.run(all, heard -> {})).isEqualTo(new Backfill.Report(CLIPS, 0, 0, CLIPS, CLIPS));
            assertThat(byId(bench.await(bench.topic(Topic.ANSWERS), CLIPS))).isEqualTo(live);
            assertThat(backfill.run(all, heard -> {}))
                    .as("the same once more")
                    .isEqualTo(new Backfill.Report(CLIPS, 0, CLIPS, 0, 0));

            Subscription fresh = Subscription.of(
                            "van", "cam1", StandingQuestion.of("Is there a van?", List.of("yes", "no")))
                    .withState(Subscription.State.PAUSED);
            bench.subscribe(fresh);
            Backfill.Request some = new Backfill.Request(fresh, START.plusSeconds(40), START.plusSeconds(110), 2, 16);
            long begun = System.nanoTime();
            assertThat(backfill.run(some, heard -> {}).answered())
                    .as("clips 4, 7 and 10")
                    .isEqualTo(3);
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .as("three questions, two a second")
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
            assertThat(bench.await(bench.topic(Topic.ANSWERS), CLIPS + 3)).isNotEmpty();

            bench.unsubscribe("van");
            Backfill.Request gone = new Backfill.Request(fresh, START, END, 1_000, 16);
            assertThatExceptionOfType(TransientBrokerException.class)
                    .isThrownBy(() -> backfill.run(gone, heard -> {}))
                    .withMessageContaining("van was deleted");
            bench.clip(
                    "cam1", "last", START.plusSeconds(99_999), Bench.video(7)); // answered behind all those questions
            assertThat(bench.answers(CLIPS + 4).stream()
                            .map(answer -> answer.subscription().orElseThrow().id())
                            .filter("van"::equals))
                    .as("answers of a deleted question")
                    .hasSize(3);
        }
    }

    /** Answers by their ids, without what tells when they were computed. */
    private static Map<String, String> byId(List<ConsumerRecord<byte[], byte[]>> records) {
        ObjectMapper mapper = new ObjectMapper();
        return records.stream().collect(Collectors.toMap(record -> Bench.header(record, "ce_id"), record -> {
            try {
                ObjectNode answer = (ObjectNode) mapper.readTree(record.value());
                assertThat(answer.has("error")).as(answer.toString()).isFalse();
                answer.remove(List.of("timings", "createdAt"));
                return answer.toString();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
    }

    private static void forgetAnswers(KafkaClients clients, String topic) throws Exception {
        try (Admin admin = clients.admin()) {
            Map<TopicPartition, RecordsToDelete> all = Map.of(
                    new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(-1),
                    new TopicPartition(topic, 1), RecordsToDelete.beforeOffset(-1));
            admin.deleteRecords(all).all().get();
        }
    }
}
