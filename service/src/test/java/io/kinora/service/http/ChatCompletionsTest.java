package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.actors.metrics.ServingMetrics;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What chats can be asked for beyond OpenAI's clients. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class ChatCompletionsTest {
    private final RunningKinora kinora;

    ChatCompletionsTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @Test
    void anAnswerOutOfSomeChoicesComesWithTheProbabilityOfEach() throws Exception {
        JsonNode answer =
                kinora.json(kinora.post("/v1/chat/completions", """
                {"model": "%s", "guided_choice": ["yes", "no"], "messages": [{"role": "user", "content": [
                  {"type": "video_url", "video_url": {"url": "%s"}}, {"type": "text", "text": "Does it move?"}]}]}
                """.formatted(kinora.model(), kinora.clip())));
        assertThat(answer.at("/choices/0/message/content").asText()).isIn("yes", "no");
        JsonNode probabilities = answer.at("/kinora/choice_probabilities");
        assertThat(probabilities.get(0).asDouble() + probabilities.get(1).asDouble())
                .isCloseTo(1, within(1e-6));
    }

    @Test
    void anUploadedFileCanBeAskedAboutListedAndDeleted() throws Exception {
        byte[] bytes =
                Base64.getDecoder().decode(kinora.clip().substring(kinora.clip().indexOf(',') + 1));
        Path file = Files.write(kinora.folder().resolve("clip.mp4"), bytes);
        String boundary = "----boundary";
        HttpResponse<byte[]> uploaded = kinora.http()
                .send(
                        kinora.request("/v1/files")
                                .header("content-type", "multipart/form-data; boundary=" + boundary)
                                .POST(HttpRequest.BodyPublishers.concat(
                                        HttpRequest.BodyPublishers.ofString("--" + boundary
                                                + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../clip.mp4\"\r\n"
                                                + "Content-Type: video/mp4\r\n\r\n"),
                                        HttpRequest.BodyPublishers.ofFile(file),
                                        HttpRequest.BodyPublishers.ofString("\r\n--" + boundary + "--\r\n")))
                                .build(),
                        BodyHandlers.ofByteArray());
        String id = kinora.json(uploaded).get("id").asText();
        assertThat(kinora.json(kinora.get("/v1/files")).at("/data/0/id").asText())
                .isEqualTo(id);
        assertThat(kinora.get("/v1/files/" + id + "/content").body()).isEqualTo(bytes);

        HttpResponse<byte[]> answered = kinora.post("/v1/chat/completions", """
                {"model": "%s", "max_tokens": 4, "messages": [{"role": "user", "content": [
                  {"type": "file", "file": {"file_id": "%s"}}, {"type": "text", "text": "What moves?"}]}]}
                """.formatted(kinora.model(), id));
        assertThat(answered.statusCode()).isEqualTo(200);

        HttpResponse<byte[]> deleted =
                kinora.http().send(kinora.request("/v1/files/" + id).DELETE().build(), BodyHandlers.ofByteArray());
        assertThat(kinora.json(deleted).get("deleted").asBoolean()).isTrue();
        assertThat(kinora.get("/v1/files/" + id).statusCode()).isEqualTo(404);
    }

    @Test
    void anAnswerKeepsToAJsonSchemaWhateverTheModelWouldSay() throws Exception {
        JsonNode answer = kinora.json(kinora.post("/v1/chat/completions", kinora.words("What moves?", """
                "max_tokens": 64, "temperature": 1, "seed": 3, "response_format": {"type": "json_schema", "json_schema": {"name": "seen", "schema": {
                  "type": "object", "required": ["moves", "colour"], "additionalProperties": false,
                  "properties": {"moves": {"type": "boolean"}, "colour": {"enum": ["red", "blue"]}}}}}""")));
        JsonNode seen =
                Json.MAPPER.readTree(answer.at("/choices/0/message/content").asText());
        assertThat(seen.path("moves").isBoolean()).isTrue();
        assertThat(seen.path("colour").asText()).isIn("red", "blue");
        assertThat(seen).hasSize(2);
    }

    @Test
    void anAnswerOfAnyObjectBeginsAsOne() throws Exception {
        JsonNode answer = kinora.json(kinora.post(
                "/v1/chat/completions",
                kinora.words("What moves?", "\"max_tokens\": 8, \"response_format\": {\"type\": \"json_object\"}")));
        assertThat(answer.at("/choices/0/message/content").asText()).startsWith("{");
    }

    @Test
    void aSchemaThatCannotBeKeptToIsRefusedByItsPlace() throws Exception {
        JsonNode error = kinora.error(kinora.post("/v1/chat/completions", kinora.words("What moves?", """
                        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "string", "pattern": "a+"}}}""")), 400);
        assertThat(error.path("param").asText()).isEqualTo("response_format.json_schema.schema");
        assertThat(error.path("message").asText()).contains("pattern");
    }

    @Test
    void soundIsRefusedByAModelWithoutEars() throws Exception {
        JsonNode error = kinora.error(kinora.post("/v1/chat/completions", """
                {"model": "%s", "messages": [{"role": "user", "content": [
                  {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]}]}""".formatted(kinora.model())), 400);
        assertThat(error.path("param").asText()).isEqualTo("messages[0].content[0].type");
        assertThat(error.path("message").asText()).contains("does not listen");
    }

    @Test
    void aClientThatGoesAwayWhileTokensStreamFreesItsPlaceSoon() throws Exception {
        ServingMetrics metrics = kinora.node().metrics();
        String body =
                kinora.words("Count.", "\"stream\": true, \"max_tokens\": 2000, \"temperature\": 1, \"min_p\": 0");
        HttpResponse<InputStream> stream = kinora.http()
                .send(
                        kinora.request("/v1/chat/completions")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofInputStream());
        assertThat(new String(stream.body().readNBytes(300), StandardCharsets.UTF_8))
                .contains("data: ");
        stream.body().close();
        assertThatItIsIdleSoon(metrics);
    }

    @Test
    void aClientThatGoesAwayBeforeItsWholeAnswerFreesItsPlaceSoon() throws Exception {
        ServingMetrics metrics = kinora.node().metrics();
        URI address = URI.create(kinora.face().address());
        byte[] body = kinora.words("Count.", "\"max_tokens\": 2000, \"temperature\": 1")
                .getBytes(StandardCharsets.UTF_8);
        double before = running(metrics);
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.getOutputStream()
                    .write(("POST /v1/chat/completions HTTP/1.1\r\nhost: here\r\nauthorization: Bearer "
                                    + RunningKinora.KEY + "\r\ncontent-length: " + body.length + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            Instant giveUp = Instant.now().plusSeconds(600);
            while (running(metrics) <= before && Instant.now().isBefore(giveUp)) {
                Thread.onSpinWait();
            }
            assertThat(running(metrics)).isGreaterThan(before);
        }
        assertThatItIsIdleSoon(metrics);
    }

    /** Far sooner than 2000 tokens take. */
    private static void assertThatItIsIdleSoon(ServingMetrics metrics) {
        double tokens = metrics.registry().counter("kinora.generated.tokens").count();
        Instant giveUp = Instant.now().plusSeconds(600);
        while (running(metrics) > 0 && Instant.now().isBefore(giveUp)) {
            Thread.onSpinWait();
        }
        assertThat(running(metrics)).isZero();
        assertThat(metrics.registry().counter("kinora.generated.tokens").count() - tokens)
                .as("tokens that were generated after it went")
                .isLessThan(2000);
    }

    private static double running(ServingMetrics metrics) {
        return metrics.registry().get("kinora.requests.running").gauge().value();
    }
}
