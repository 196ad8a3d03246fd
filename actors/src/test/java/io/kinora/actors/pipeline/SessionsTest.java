package io.kinora.actors.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.actors.UntrainedModel;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnsweredSession;
import io.kinora.kafka.record.Session;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Conversations as records on a real broker. */
@Tag("slow")
@ExtendWith(SharedBroker.class)
class SessionsTest {
    private static final Instant TEN = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    static Path folder;

    private Bench bench;
    private KafkaClients clients;

    @BeforeEach
    void clips(KafkaClients broker) throws Exception {
        clients = broker;
        bench = new Bench(broker);
        bench.clip("door", "door-1", TEN, Bench.video(10));
        bench.clip("gate", "gate-1", TEN, Bench.video(90));
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void aConversationAboutTwoClipsGoesOnAfterARestartAndEachQuestionHasOneAnswer() throws Exception {
        try (UntrainedModel model = UntrainedModel.in(folder)) {
            Answer first;
            Answer second;
            try (Pipelines pipelines = bench.start(model)) {
                first = ask(
                        "a",
                        "{\"id\": \"q1\", \"text\": \"What moves?\", \"stream\": \"door\", \"session\": \"talk\", \"maxNewTokens\": 4}");
                assertThat(place(first)).isEqualTo(new AnsweredSession("talk", 1, 0));
                second = ask(
                        "b",
                        "{\"id\": \"q2\", \"text\": \"And where to?\", \"session\": \"talk\", \"maxNewTokens\": 4}");
                assertThat(place(second)).isEqualTo(new AnsweredSession("talk", 2, 0));
                assertThat(second.clip().orElseThrow().clipId()).isEqualTo("door-1");
                assertThat(second.tokens().prompt())
                        .as("sees what was said, and the clip once")
                        .isBetween(first.tokens().prompt() + 8, first.tokens().prompt() + 60);
                assertThat(pipelines.index()).isNotNull();
            }
            try (Pipelines pipelines = bench.start(model)) {
                Answer again = ask(
                        "b",
                        "{\"id\": \"q2\", \"text\": \"And where to?\", \"session\": \"talk\", \"maxNewTokens\": 4}");
                assertThat(again).as("a question that is sent again").isEqualTo(second);

                Answer third = ask(
                        "c",
                        "{\"id\": \"q3\", \"text\": \"And here?\", \"clip\": \"gate-1\", \"session\": \"talk\", \"maxNewTokens\": 4}");
                assertThat(place(third)).isEqualTo(new AnsweredSession("talk", 3, 0));
                assertThat(third.clip().orElseThrow().clipId()).isEqualTo("gate-1");
                assertThat(third.tokens().prompt())
                        .as("sees both clips")
                        .isGreaterThan(2 * first.tokens().prompt() - 60);

                Answer other = ask(
                        "a",
                        "{\"id\": \"q4\", \"text\": \"What moves?\", \"stream\": \"door\", \"session\": \"other\", \"maxNewTokens\": 4}");
                assertThat(place(other)).isEqualTo(new AnsweredSession("other", 1, 0));
                assertThat(other.tokens().prompt()).isEqualTo(first.tokens().prompt());
                assertThat(pipelines.index()).isNotNull();
            }
            assertThat(kept("talk").orElseThrow().turns())
                    .extracting(turn -> turn.answer().questionId())
                    .containsExactly("q1", "q2", "q3");
        }
    }

    @Test
    void aTextWithAHeaderBelongsToASessionAndARecordWithoutAValueForgetsIt() throws Exception {
        try (UntrainedModel model = UntrainedModel.in(folder);
                Pipelines pipelines = bench.start(model)) {
            assertThat(place(say("kcat", "door", "What moves?"))).isEqualTo(new AnsweredSession("kcat", 1, 0));
            assertThat(place(say("kcat", "door", "And where to?"))).isEqualTo(new AnsweredSession("kcat", 2, 0));
            bench.send(new RecordEncoder(clients.settings().topics(), "/test").forgetSession("kcat"));
            Answer anew = say("kcat", "kcat", "What moves?");
            assertThat(anew.error().orElseThrow().code())
                    .as("nothing is known of the clip any more")
                    .isEqualTo("clip.unknown");
            assertThat(kept("kcat")).isEmpty();
            assertThat(place(say("kcat", "gate", "What moves?"))).isEqualTo(new AnsweredSession("kcat", 1, 0));
            assertThat(pipelines.index()).isNotNull();
        }
    }

    @Test
    void aSessionInWhichNothingIsAskedIsForgotten() throws Exception {
        Map<String, String> short_ = Map.of("kinora.sessions.keep", "2 s", "kinora.sessions.idle", "500 ms");
        try (UntrainedModel model = UntrainedModel.in(folder, short_);
                Pipelines pipelines = bench.start(model)) {
            int others = bench.read(bench.topic(Topic.SESSIONS)).size();
            assertThat(place(say("idle", "door", "What moves?"))).isEqualTo(new AnsweredSession("idle", 1, 0));
            bench.await(bench.topic(Topic.SESSIONS), others + 2); // the session and its end
            assertThat(kept("idle")).isEmpty();
            assertThat(place(say("idle", "door", "What moves?"))).isEqualTo(new AnsweredSession("idle", 1, 0));
            assertThat(pipelines.index()).isNotNull();
        }
    }

    @Test
    void whereTheConversationIsTooLongForTheModelItsOldestTurnsAreLeftOut() throws Exception {
        try (UntrainedModel model = UntrainedModel.in(folder);
                Pipelines pipelines = bench.start(model)) {
            String more = "{\"text\": \"%s\", \"session\": \"long\", \"stream\": \"door\", \"maxNewTokens\": 2}"
                    .formatted("Tell me more of what you see. ".repeat(80));
            AnsweredSession last = new AnsweredSession("long", 1, 0);
            for (int turn = 1; turn <= 12 && last.forgotten() == 0; turn++) {
                last = place(ask("long", more));
                assertThat(last.turn()).isEqualTo(turn);
            }
            assertThat(last.forgotten()).isPositive();
            assertThat(pipelines.index()).isNotNull();
        }
    }

    private Answer ask(String key, String body) throws Exception {
        return answer(new ProducerRecord<>(bench.topic(Topic.QUESTIONS), bytes(key), bytes(body)));
    }

    private Answer say(String session, String key, String text) throws Exception {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(bench.topic(Topic.QUESTIONS), bytes(key), bytes(text));
        record.headers().add("kinora-session", bytes(session));
        return answer(record);
    }

    private Answer answer(ProducerRecord<byte[], byte[]> question) throws Exception {
        Set<String> before = places(bench.read(bench.topic(Topic.ANSWERS)));
        bench.send(question);
        return new RecordDecoder()
                .answer(bench.await(bench.topic(Topic.ANSWERS), before.size() + 1).stream()
                        .filter(record -> !before.contains(place(record)))
                        .findFirst()
                        .orElseThrow())
                .body();
    }

    private static Set<String> places(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().map(SessionsTest::place).collect(Collectors.toSet());
    }

    private static String place(ConsumerRecord<byte[], byte[]> record) {
        return record.partition() + "@" + record.offset();
    }

    private Optional<Session> kept(String id) {
        List<ConsumerRecord<byte[], byte[]>> states = bench.read(bench.topic(Topic.SESSIONS)).stream()
                .filter(record -> new String(record.key(), StandardCharsets.UTF_8).equals(id))
                .toList();
        return states.isEmpty()
                ? Optional.empty()
                : new RecordDecoder().session(states.get(states.size() - 1)).map(event -> event.body());
    }

    private static AnsweredSession place(Answer answer) {
        assertThat(answer.error()).isEmpty();
        return answer.session().orElseThrow();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
