package io.kinora.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.AnswerModality;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GeneratedMedium;
import io.kinora.kafka.record.Response;
import io.kinora.kafka.record.Sha256;
import io.kinora.kafka.testing.TopicReader;
import io.kinora.kafka.topic.Topic;
import io.kinora.video.AudioClip;
import io.kinora.video.AudioEncoder;
import io.kinora.video.AudioFormat;
import io.kinora.video.DecodeLimits;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kinora serve} of a ModaVerse: instructions with media as records on a real broker and over HTTP, and what comes of them. */
@Tag("slow")
class ServedModaVerseTest {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final byte[] PICTURE = StillImage.png(RgbFrame.of(1, 1, new byte[] {90, 120, 30}));

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;

    private static ModaVerseService service;
    private static KafkaClients clients;

    private final RecordDecoder decoder = new RecordDecoder();

    @BeforeAll
    static void start() throws IOException {
        Path modaVerse = SmallModaVerse.make(folder.resolve("small-modaverse"));
        Path image = SmallPipelines.textToImage(folder.resolve("text-to-image"));
        service = ModaVerseService.start(
                folder,
                Map.of(
                        "kinora.checkpoint",
                        modaVerse.toString(),
                        "kinora.generators.image.kind",
                        "checkpoint",
                        "kinora.generators.image.folder",
                        image.toString(),
                        "kinora.generators.image.steps",
                        2));
        clients = service.clients();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void aClipAndAPictureBecomeAPictureOnTheVideosTopicWithItsLineage() throws Exception {
        byte[] clip = sample();
        send(Topic.CLIPS, "camera-1", clip);
        send(Topic.INSTRUCTIONS, "any", """
                {"id": "r-1", "text": "Make a picture of this", "answer": ["image"], "seed": 5, "maxNewTokens": 24, "strength": 0.5,
                 "media": [{"type": "video", "stream": "camera-1"}, {"type": "image", "data": "%s"}]}""".formatted(Base64.getEncoder().encodeToString(PICTURE))
                .getBytes(UTF_8));

        Response response = response("r-1");

        assertThat(response.error()).isEmpty();
        assertThat(response.metaResponse().orElseThrow()).startsWith("Modality: [IMAGE] Prompt:");
        assertThat(response.media()).containsExactly(Sha256.hex(clip), Sha256.hex(PICTURE));
        Response.Part part = response.parts().get(0);
        assertThat(part.modality()).isEqualTo(AnswerModality.IMAGE);
        List<ConsumerRecord<byte[], byte[]>> made = records(Topic.VIDEOS, "r-1");
        assertThat(made).hasSize(1);
        assertThat(part.results())
                .containsExactly(new ClipReference(
                        made.get(0).topic(),
                        made.get(0).partition(),
                        made.get(0).offset()));
        GeneratedMedium medium = decoder.medium(made.get(0)).body();
        assertThat(medium.mediaType()).isEqualTo("image/png");
        assertThat(((ClipPayload.Inline) medium.payload()).blob().size()).isPositive();
        GeneratedMedium.Lineage lineage = medium.lineage();
        assertThat(lineage.requestId()).isEqualTo("r-1");
        assertThat(lineage.metaResponse()).isEqualTo(response.metaResponse().orElseThrow());
        assertThat(lineage.prompt()).isEqualTo(part.prompt());
        assertThat(lineage.generator()).isEqualTo("text-to-image");
        assertThat(lineage.seed()).isEqualTo(5);
        assertThat(lineage.media()).isEqualTo(response.media());
        assertThat(lineage.changed()).contains(Sha256.hex(PICTURE));
        assertThat(lineage.model().revision()).isEqualTo(service.node().card().revision());
    }

    @Test
    void theSameInstructionAgainGivesTheSameResponse() throws Exception {
        byte[] instruction =
                "{\"id\": \"twice\", \"text\": \"Say something\", \"answer\": [\"text\"], \"maxNewTokens\": 24}"
                        .getBytes(UTF_8);
        send(Topic.INSTRUCTIONS, "twice", instruction);
        send(Topic.INSTRUCTIONS, "twice", instruction);

        List<Response> responses = responses("twice", 2);

        assertThat(responses.get(0).id()).isEqualTo(responses.get(1).id());
        assertThat(responses.get(0).parts()).isEqualTo(responses.get(1).parts());
        assertThat(responses.get(0).parts().get(0).prompt()).isNotBlank();
        assertThat(records(Topic.VIDEOS, "twice")).isEmpty();
    }

    @Test
    void aPlainTextIsAnInstructionUnderItsKey() throws Exception {
        send(Topic.INSTRUCTIONS, "plain", "Describe the sea".getBytes(UTF_8));

        assertThat(response("plain").requestId()).isEqualTo("plain");
    }

    @Test
    void whatNoGeneratorMakesIsSaidInItsPart() throws Exception {
        send(
                Topic.INSTRUCTIONS,
                "song",
                "{\"text\": \"Sing\", \"answer\": [\"audio\"], \"maxNewTokens\": 24}".getBytes(UTF_8));

        Response.Part part = response("song").parts().get(0);

        assertThat(part.modality()).isEqualTo(AnswerModality.AUDIO);
        assertThat(part.error().orElseThrow().code()).isEqualTo("generator.absent");
    }

    @Test
    void aMediumThatCannotBeUsedIsTheResponsesError() throws Exception {
        send(Topic.CLIPS, "silent", sample());
        send(
                Topic.INSTRUCTIONS,
                "deaf",
                "{\"text\": \"What do you hear?\", \"media\": [{\"type\": \"audio\", \"stream\": \"silent\"}]}"
                        .getBytes(UTF_8));
        send(
                Topic.INSTRUCTIONS,
                "lost",
                "{\"text\": \"What is it?\", \"media\": [{\"type\": \"image\", \"clip\": \"no such clip\"}]}"
                        .getBytes(UTF_8));

        assertThat(response("deaf").error().orElseThrow().code()).isEqualTo("media.no_sound");
        assertThat(response("lost").error().orElseThrow().code()).isEqualTo("clip.unknown");
    }

    @Test
    void aRecordThatIsNoInstructionGoesToTheDeadLetters() throws Exception {
        send(Topic.INSTRUCTIONS, "bad", "{\"text\": \"Look\", \"media\": [{\"type\": \"image\"}]}".getBytes(UTF_8));
        send(Topic.INSTRUCTIONS, "bad", "Say something".getBytes(UTF_8));

        assertThat(responses("bad", 1)).hasSize(1); // the second one's: the first was decided before it
        String letters = clients.settings().topics().deadLetterName(name(Topic.INSTRUCTIONS));
        ConsumerRecord<byte[], byte[]> letter =
                new TopicReader(clients).records(letters, "bad").get(0);
        assertThat(new String(
                        letter.headers()
                                .lastHeader("__connect.errors.exception.message")
                                .value(),
                        UTF_8))
                .contains("clip, stream and data");
    }

    @Test
    void aPictureBecomesAPictureOverHttpThatCanBeFetched() throws Exception {
        JsonNode answer = chat(200, """
                {"model": "small-modaverse", "modalities": ["image"], "seed": 5, "max_tokens": 24, "strength": 0.5, "messages": [{"role": "user",
                  "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,%s"}}, {"type": "text", "text": "At night"}]}]}""".formatted(Base64.getEncoder().encodeToString(PICTURE)));

        JsonNode message = answer.at("/choices/0/message");
        assertThat(message.path("content").isNull()).isTrue();
        HttpResponse<byte[]> fetched = HTTP.send(
                HttpRequest.newBuilder(
                                URI.create(message.at("/images/0/image_url/url").asText()))
                        .build(),
                BodyHandlers.ofByteArray());
        assertThat(fetched.headers().firstValue("content-type")).contains("image/png");
        assertThat(StillImage.decode(fetched.body(), DecodeLimits.defaults()).width())
                .isPositive();
        JsonNode part = answer.at("/kinora/parts/0");
        assertThat(answer.at("/kinora/meta_response").asText()).startsWith("Modality: [IMAGE] Prompt:");
        assertThat(part.path("generator").asText()).isEqualTo("text-to-image");
        assertThat(part.path("changed").asText()).isEqualTo(Sha256.hex(PICTURE));
        assertThat(part.path("seed").asInt()).isEqualTo(5);
        assertThat(answer.at("/usage/completion_tokens").asInt()).isPositive();
    }

    @Test
    void wordsAreStreamed() throws Exception {
        HttpResponse<byte[]> reply = post("""
                {"model": "small-modaverse", "modalities": ["text"], "stream": true, "stream_options": {"include_usage": true}, "max_tokens": 24,
                 "messages": [{"role": "user", "content": "Say something"}]}""");

        List<String> events = List.of(new String(reply.body(), UTF_8).split("\n\n", -1));
        assertThat(reply.headers().firstValue("content-type").orElseThrow()).startsWith("text/event-stream");
        assertThat(events).contains("data: [DONE]").anyMatch(event -> event.contains("\"finish_reason\":\"stop\""));
        assertThat(events).anyMatch(event -> event.contains("\"delta\":{\"content\":\""));
        assertThat(events).anyMatch(event -> event.contains("\"choices\":[]") && event.contains("\"total_tokens\""));
    }

    @Test
    void whatCannotBeUsedIsRefusedOverHttpWithAReason() throws Exception {
        byte[] tick = AudioEncoder.encode(AudioClip.of(16_000, new float[160]), AudioFormat.WAV);
        String sound = "{\"type\": \"input_audio\", \"input_audio\": {\"format\": \"wav\", \"data\": \"%s\"}}"
                .formatted(Base64.getEncoder().encodeToString(tick));

        assertThat(refusal(
                        "\"messages\": [{\"role\": \"user\", \"content\": [%s, {\"type\": \"text\", \"text\": \"Listen\"}]}]"
                                .formatted(sound)))
                .isEqualTo("media_unusable");
        assertThat(refusal("\"modalities\": [\"audio\"], \"messages\": [{\"role\": \"user\", \"content\": \"Sing\"}]"))
                .isEqualTo("generator_absent");
        assertThat(refusal(
                        "\"modalities\": [\"smell\"], \"messages\": [{\"role\": \"user\", \"content\": \"A rose\"}]"))
                .isEqualTo("invalid_value");
        assertThat(
                        refusal(
                                "\"messages\": [{\"role\": \"user\", \"content\": \"One\"}, {\"role\": \"user\", \"content\": \"Two\"}]"))
                .isEqualTo("invalid_value");
    }

    @Test
    void theModelIsListed() throws Exception {
        HttpResponse<byte[]> reply = HTTP.send(
                HttpRequest.newBuilder(URI.create(service.address() + "/models"))
                        .build(),
                BodyHandlers.ofByteArray());

        JsonNode models = JSON.readTree(reply.body());
        assertThat(models.path("data")).hasSize(1);
        assertThat(models.at("/data/0/id").asText()).isEqualTo("small-modaverse");
    }

    private static String refusal(String fields) throws Exception {
        return chat(400, "{\"model\": \"small-modaverse\", \"max_tokens\": 24, %s}".formatted(fields))
                .at("/error/code")
                .asText();
    }

    private static JsonNode chat(int status, String body) throws Exception {
        HttpResponse<byte[]> reply = post(body);
        assertThat(reply.statusCode()).as(new String(reply.body(), UTF_8)).isEqualTo(status);
        return JSON.readTree(reply.body());
    }

    private static HttpResponse<byte[]> post(String body) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(service.address() + "/chat/completions"))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    private Response response(String key) {
        return responses(key, 1).get(0);
    }

    /** So many responses under a key, once they are there. */
    private List<Response> responses(String key, int count) {
        try (Consumer<byte[], byte[]> consumer = clients.consumer("test", Map.of())) {
            List<TopicPartition> partitions = consumer.partitionsFor(name(Topic.RESPONSES)).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<Response> found = new ArrayList<>();
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (found.size() < count) {
                assertThat(System.nanoTime()).as("responses to %s", key).isLessThan(end);
                consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                    if (new String(record.key(), UTF_8).equals(key)) {
                        found.add(decoder.response(record).body());
                    }
                });
            }
            return found;
        }
    }

    private static List<ConsumerRecord<byte[], byte[]>> records(Topic topic, String key) {
        return new TopicReader(clients).records(name(topic), key);
    }

    private static void send(Topic topic, String key, byte[] value) throws Exception {
        try (Producer<byte[], byte[]> producer = clients.producer("test")) {
            producer.send(new ProducerRecord<>(name(topic), key.getBytes(UTF_8), value))
                    .get();
        }
    }

    private static String name(Topic topic) {
        return clients.settings().topics().name(topic);
    }

    private static byte[] sample() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(ServedModaVerseTest.class.getResourceAsStream("/samples/red-circle.mp4"))) {
            return in.readAllBytes();
        }
    }
}
