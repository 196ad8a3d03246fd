package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who may call, what is refused, and how it is said. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class ApiSafetyTest {
    private final RunningKinora kinora;

    ApiSafetyTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @Test
    void errorsAreInOpenAisFormAndNameTheField() throws Exception {
        JsonNode hot = kinora.error(kinora.post("/v1/chat/completions", """
                {"model": "m", "temperature": 9, "messages": [{"role": "user", "content": "hello"}]}
                """), 400);
        assertThat(hot.get("param").asText()).isEqualTo("temperature");
        assertThat(hot.get("message").asText()).contains("0.0 to 2.0", "got 9");
        JsonNode unknown = kinora.error(kinora.post("/v1/chat/completions", """
                {"model": "gpt", "messages": [{"role": "user", "content": "hello"}]}
                """), 404);
        assertThat(unknown.get("code").asText()).isEqualTo("model_not_found");
        assertThat(kinora.error(kinora.post("/v1/chat/completions", "{\"model\": \"\u0000"), 400)
                        .get("code")
                        .asText())
                .isEqualTo("invalid_json");
        assertThat(kinora.error(kinora.post("/v1/chat/completions", "\"" + "x".repeat(2 << 20) + "\""), 413)
                        .get("code")
                        .asText())
                .isEqualTo("request_too_large");
        assertThat(kinora.error(kinora.get("/v1/nothing"), 404).get("type").asText())
                .isEqualTo("invalid_request_error");
    }

    @Test
    void addressesThatAreNotPublicAreRefused() throws Exception {
        for (String url :
                List.of("http://127.0.0.1:1/clip.mp4", "http://[::1]/x", "file:///etc/passwd", "kafka://x/0/0")) {
            HttpResponse<byte[]> refused = kinora.post("/v1/chat/completions", """
                    {"model": "%s", "messages": [{"role": "user", "content": [
                      {"type": "video_url", "video_url": {"url": "%s"}}]}]}
                    """.formatted(kinora.model(), url));
            assertThat(refused.statusCode()).as(url).isBetween(400, 404);
        }
    }

    @Test
    void withoutAKnownKeyNothingIsAnswered() throws Exception {
        HttpRequest without = HttpRequest.newBuilder(URI.create(kinora.face().address() + "/v1/models"))
                .build();
        JsonNode error = kinora.error(kinora.http().send(without, BodyHandlers.ofByteArray()), 401);
        assertThat(error.get("code").asText()).isEqualTo("invalid_api_key");
        HttpRequest live = HttpRequest.newBuilder(URI.create(kinora.face().address() + "/live"))
                .build();
        assertThat(kinora.http().send(live, BodyHandlers.ofByteArray()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void onlyPagesOfTheConfiguredOriginsMayCallFromABrowser() throws Exception {
        for (String origin : List.of("https://ours.example", "https://theirs.example")) {
            HttpResponse<byte[]> asked = kinora.http()
                    .send(
                            HttpRequest.newBuilder(URI.create(kinora.face().address() + "/v1/models"))
                                    .header("origin", origin)
                                    .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            BodyHandlers.ofByteArray());
            HttpResponse<byte[]> answered = kinora.http()
                    .send(kinora.request("/v1/models").header("origin", origin).build(), BodyHandlers.ofByteArray());
            boolean ours = origin.contains("ours");
            assertThat(asked.statusCode() == 204).as(origin).isEqualTo(ours);
            assertThat(answered.headers().firstValue("access-control-allow-origin"))
                    .isEqualTo(ours ? Optional.of(origin) : Optional.empty());
        }
    }

    @Test
    void requestIdsComeBack() throws Exception {
        HttpResponse<byte[]> response = kinora.http()
                .send(
                        kinora.request("/v1/models")
                                .header("x-request-id", "mine-1")
                                .build(),
                        BodyHandlers.ofByteArray());
        assertThat(response.headers().firstValue("x-request-id")).hasValue("mine-1");
    }
}
