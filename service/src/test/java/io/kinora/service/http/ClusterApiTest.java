package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.topic.Topic;
import io.kinora.video.DecodeLimits;
import io.kinora.video.StillImage;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is Kinora's own over HTTP, against a real broker and a real, small model. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class ClusterApiTest {
    private static final String GATE = """
            {"id": "%s", "streams": "%s", "question": {"text": "Is the gate open?", "choices": ["yes", "no"]},
             "alert": {"choice": "yes", "threshold": 1e-9}}""";

    private final RunningKinora kinora;

    ClusterApiTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @Test
    void aStandingQuestionIsCreatedChangedPausedResumedAndDeleted() throws Exception {
        JsonNode created = kinora.json(kinora.post("/v1/subscriptions", GATE.formatted("crud", "no-camera")));
        assertThat(created.path("state").asText()).isEqualTo("active");
        assertThat(created.has("since")).isTrue();
        assertThat(kinora.error(kinora.post("/v1/subscriptions", GATE.formatted("crud", "no-camera")), 400)
                        .path("code")
                        .asText())
                .isEqualTo("subscription_exists");

        JsonNode changed = kinora.json(kinora.send(kinora.request("/v1/subscriptions/crud")
                .PUT(BodyPublishers.ofString("{\"streams\": \"none-*\", \"question\": {\"text\": \"What moves?\"}}"))));
        assertThat(changed.at("/question/text").asText()).isEqualTo("What moves?");
        assertThat(changed.path("since")).isEqualTo(created.path("since"));
        kinora.json(kinora.post("/v1/subscriptions/crud/pause", ""));
        assertThat(kinora.json(kinora.get("/v1/subscriptions/crud"))
                        .path("state")
                        .asText())
                .isEqualTo("paused");
        kinora.json(kinora.post("/v1/subscriptions/crud/resume", ""));
        assertThat(kinora.json(kinora.get("/v1/subscriptions")).path("data"))
                .extracting(one -> one.path("id").asText() + one.path("state").asText())
                .contains("crudactive");

        kinora.json(kinora.send(kinora.request("/v1/subscriptions/crud").DELETE()));
        assertThat(kinora.get("/v1/subscriptions/crud").statusCode()).isEqualTo(404);
    }

    @Test
    void aStandingQuestionThatCannotStandIsRefusedWithTheReason() throws Exception {
        assertThat(kinora.error(kinora.post("/v1/subscriptions", "{\"streams\": \"*\"}"), 400)
                        .path("message")
                        .asText())
                .contains("question: is missing");
        assertThat(kinora.error(kinora.post("/v1/subscriptions", GATE.formatted("not allowed", "*")), 400)
                        .path("message")
                        .asText())
                .contains("id is \"not allowed\"");
    }

    @Test
    void aClipOfAStreamIsListedShownAskedAboutAndRaisesAnAlertThatIsHeardAsItComes() throws Exception {
        HttpResponse<Stream<String>> heard = kinora.http()
                .send(
                        kinora.request("/v1/alerts/events?subscription=heard").build(),
                        HttpResponse.BodyHandlers.ofLines());
        kinora.json(kinora.post("/v1/subscriptions", GATE.formatted("heard", "camera heard")));
        ClipReference place = kinora.publish("camera heard", "heard-1");

        try (Stream<String> lines = heard.body()) {
            Iterator<String> events = lines.filter(line -> !line.startsWith(":") && !line.isEmpty())
                    .iterator();
            assertThat(events.next()).isEqualTo("event: alert");
            JsonNode alert = Json.MAPPER.readTree(events.next().substring("data: ".length()));
            assertThat(alert.path("stream").asText()).isEqualTo("camera heard");
            assertThat(alert.path("kind").asText()).isEqualTo("raised");
        }
        JsonNode answers = kinora.json(kinora.get("/v1/answers?subscription=heard"));
        assertThat(answers.at("/data/0/text").asText()).isIn("yes", "no");
        assertThat(kinora.json(kinora.get("/v1/alerts?stream=camera%20heard")).path("data"))
                .hasSize(1);

        JsonNode clip =
                kinora.json(kinora.get("/v1/streams/camera%20heard/clips")).at("/data/0");
        assertThat(clip.path("clip").asText()).isEqualTo(place.toString());
        String path = "/v1/clips/%s/%d/%d".formatted(place.topic(), place.partition(), place.offset());
        assertThat(kinora.get(path + "/content").body()).isEqualTo(kinora.clipBytes());
        assertThat(StillImage.decode(kinora.get(path + "/thumbnail").body(), DecodeLimits.defaults())
                        .width())
                .isPositive();
        assertThat(kinora.json(kinora.get("/v1/streams")).path("data"))
                .extracting(stream -> stream.path("id").asText())
                .contains("camera heard");
        kinora.json(kinora.send(kinora.request("/v1/subscriptions/heard").DELETE()));
    }

    @Test
    void aConversationIsLedShownListedAndForgotten() throws Exception {
        ClipReference clip = kinora.publish("camera-of-talks", "talks-1");
        String path = "/v1/sessions/talk%201";
        JsonNode first = kinora.json(kinora.post(
                path + "/questions", "{\"id\": \"t1\", \"text\": \"What moves?\", \"clip\": \"%s\"}".formatted(clip)));
        assertThat(first.path("session").path("turn").asInt()).isEqualTo(1);
        JsonNode second = kinora.json(kinora.post(path + "/questions", "{\"text\": \"And where to?\"}"));
        assertThat(second.path("session").path("turn").asInt()).isEqualTo(2);
        assertThat(second.path("clip").path("reference").asText()).isEqualTo(clip.toString());
        JsonNode again = kinora.json(kinora.post(
                path + "/questions", "{\"id\": \"t1\", \"text\": \"What moves?\", \"clip\": \"%s\"}".formatted(clip)));
        assertThat(again).as("the same question has the same answer").isEqualTo(first);

        assertThat(kinora.json(kinora.get(path)).path("turns"))
                .extracting(turn -> turn.path("text").asText())
                .containsExactly("What moves?", "And where to?");
        assertThat(kinora.json(kinora.get("/v1/sessions")).path("data")).anySatisfy(one -> {
            assertThat(one.path("id").asText()).isEqualTo("talk 1");
            assertThat(one.path("length").asInt()).isEqualTo(2);
        });
        assertThat(kinora.error(kinora.post(path + "/questions", "{\"text\": \"?\", \"session\": \"another\"}"), 400)
                        .path("param")
                        .asText())
                .isEqualTo("session");
        kinora.json(kinora.send(kinora.request(path).DELETE()));
        assertThat(kinora.get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void aRecordThatIsNoQuestionIsADeadLetterThatCanBeSentBackOnce() throws Exception {
        KafkaClients clients = kinora.clients();
        String questions = clients.settings().topics().name(Topic.QUESTIONS);
        byte[] broken = "{\"text\": 7}".getBytes(StandardCharsets.UTF_8);
        try (Producer<byte[], byte[]> producer = clients.producer("test")) {
            producer.send(new ProducerRecord<>(questions, "broken-key".getBytes(StandardCharsets.UTF_8), broken))
                    .get();
        }
        JsonNode letter = kinora.await(
                "/v1/dead-letters?code=malformed.value",
                one -> one.path("key").asText().equals("broken-key"));
        String path = "/v1/dead-letters/" + letter.path("place").asText().substring("kafka://".length());
        assertThat(kinora.get(path + "/value").body()).isEqualTo(broken);
        assertThat(kinora.json(kinora.get(path)).path("from").asText()).startsWith("kafka://" + questions);

        JsonNode sent = kinora.json(kinora.post(path + "/redrive", ""));
        assertThat(sent.path("decision").asText()).isEqualTo("redriven");
        assertThat(kinora.error(kinora.post(path + "/redrive", ""), 422)
                        .path("code")
                        .asText())
                .isEqualTo("letter_refused");

        // It is no better than it was, and comes back: then it is dropped.
        JsonNode again = kinora.await(
                "/v1/dead-letters",
                one -> one.path("key").asText().equals("broken-key")
                        && one.path("redrives").asInt() == 1);
        kinora.json(kinora.post(
                "/v1/dead-letters/" + again.path("place").asText().substring("kafka://".length()) + "/drop", ""));
        assertThat(kinora.json(kinora.get("/v1/dead-letters?decided=true")).path("data"))
                .extracting(one -> one.path("decision").asText())
                .contains("redriven", "dropped");
        assertThat(kinora.get("/v1/dead-letters/" + questions + "/0/0").statusCode())
                .isEqualTo(404);
    }

    @Test
    void topicsTellWhatLiesOnThemAndWhoIsBehind() throws Exception {
        kinora.publish("camera-of-topics", "topics-1");
        JsonNode clips = find(
                kinora.json(kinora.get("/v1/topics")),
                topic -> topic.path("id").asText().equals("kinora.clips"));
        assertThat(clips.path("records").asLong()).isPositive();
        assertThat(clips.path("partitions").asInt()).isEqualTo(4);
    }

    @Test
    void theNodeTellsWhatItRunsOn() throws Exception {
        JsonNode node = kinora.json(kinora.get("/v1/node"));
        assertThat(node.at("/model/id").asText()).isEqualTo(kinora.model());
        assertThat(node.at("/model/makes").asText()).isEqualTo("clips");
        assertThat(node.path("engine").asText()).isEqualTo("libtorch");
        assertThat(node.at("/memory/heap_max").asLong()).isPositive();
    }

    private static JsonNode find(JsonNode list, Predicate<JsonNode> wanted) {
        return StreamSupport.stream(list.path("data").spliterator(), false)
                .filter(wanted)
                .findFirst()
                .orElseThrow();
    }
}
