package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
