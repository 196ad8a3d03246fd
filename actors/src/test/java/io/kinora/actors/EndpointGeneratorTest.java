package io.kinora.actors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.kinora.actors.compose.EndpointGenerator;
import io.kinora.actors.compose.GenerationFailedException;
import io.kinora.actors.compose.Generator;
import io.kinora.actors.render.RenderRequest;
import io.kinora.model.modaverse.meta.Modality;
import io.kinora.video.DecodeLimits;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EndpointGeneratorTest {
    private record Reply(int status, String type, String body) {}

    private record Asked(String method, String path, Optional<String> authorization, String body) {}

    private final Deque<Reply> replies = new ConcurrentLinkedDeque<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            Reply reply = replies.removeFirst();
            byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", reply.type());
            exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    @Test
    void aVideoIsWaitedFor() throws IOException {
        json(200, "{\"id\": \"v1\", \"status\": \"queued\"}");
        json(200, "{\"id\": \"v1\", \"status\": \"in_progress\"}");
        json(200, "{\"id\": \"v1\", \"status\": \"completed\"}");
        replies.add(new Reply(200, "video/webm; codecs=vp9", "bytes"));

        Generator.Product product = generate(Modality.VIDEO, Duration.ofSeconds(30));

        assertThat(product.contentType()).isEqualTo("video/webm");
        assertThat(product.suffix()).isEqualTo(".webm");
        assertThat(product.files().get(0).utf8String()).isEqualTo("bytes");
        assertThat(asked.stream().map(Asked::path))
                .containsExactly("/v1/videos", "/v1/videos/v1", "/v1/videos/v1", "/v1/videos/v1/content");
        JsonNode body = new ObjectMapper().readTree(asked.get(0).body());
        assertThat(body.path("prompt").asText()).isEqualTo("rain");
        assertThat(body.path("model").asText()).isEqualTo("some-model");
        assertThat(asked.get(0).authorization()).contains("Bearer secret");
    }

    @Test
    void aVideoThatFailsSaysWhy() {
        json(200, "{\"id\": \"v1\", \"status\": \"failed\", \"error\": {\"message\": \"not allowed\"}}");

        refused(Modality.VIDEO, "generator.failed", false, "not allowed");
    }

    @Test
    void aVideoThatTakesTooLongIsGivenUp() {
        json(200, "{\"id\": \"v1\", \"status\": \"queued\"}");
        for (int i = 0; i < 100; i++) {
            json(200, "{\"id\": \"v1\", \"status\": \"queued\"}");
        }

        assertThatThrownBy(() -> generate(Modality.VIDEO, Duration.ofMillis(300)))
                .hasCauseInstanceOf(GenerationFailedException.class);
    }

    @Test
    void whatTheServerSaysIsPassedOn() {
        json(429, "{\"error\": {\"message\": \"slow down\"}}");
        refused(Modality.IMAGE, "generator.failed", true, "429: slow down");

        json(400, "<html>");
        refused(Modality.AUDIO, "generator.failed", false, "400");
    }

    @Test
    void anAnswerThatHoldsNothingIsRefused() {
        json(200, "{\"data\": [{\"url\": \"http://elsewhere\"}]}");
        refused(Modality.IMAGE, "generator.failed", false, "without data[0].b64_json");

        json(200, "{\"data\": [{\"b64_json\": \"***\"}]}");
        refused(Modality.IMAGE, "generator.failed", false, "not base64");

        json(200, "{\"id\": \"../secrets\", \"status\": \"completed\"}");
        refused(Modality.VIDEO, "generator.failed", false, "without the id");
    }

    @Test
    void aServerThatIsNotThereMayBeThereLater() {
        server.stop(0);

        refused(Modality.IMAGE, "generator.unreachable", true, "cannot be reached");
    }

    @Test
    void aPictureThatIsGivenIsEdited() {
        json(200, "{\"data\": [{\"b64_json\": \"QUJD\"}]}");
        byte[] dot = StillImage.png(RgbFrame.of(1, 1, new byte[] {90, 120, 30}));
        RenderRequest.Still still = new RenderRequest.Still(VideoSource.bytes(dot), "sha256", DecodeLimits.defaults());

        Generator.Product product =
                generate(Modality.IMAGE, Duration.ofSeconds(30), Optional.of(new Generator.Start(still, 0.4)));

        assertThat(product.files().get(0).utf8String()).isEqualTo("ABC");
        assertThat(asked.get(0).path()).isEqualTo("/v1/images/edits");
        assertThat(asked.get(0).body())
                .contains("name=\"image\"; filename=\"image.png\"")
                .contains("PNG")
                .contains("name=\"prompt\"")
                .contains("\r\nrain\r\n")
                .contains("\r\n0.4\r\n")
                .contains("\r\nsome-model\r\n");
    }

    @Test
    void whatIsNotOfTheModalityIsRefused() {
        replies.add(new Reply(200, "text/html; charset=utf-8", "<html>"));

        refused(Modality.AUDIO, "generator.failed", false, "answered with text/html instead of audio");
    }

    private void json(int status, String body) {
        replies.add(new Reply(status, "application/json", body));
    }

    private Generator.Product generate(Modality modality, Duration timeout) {
        return generate(modality, timeout, Optional.empty());
    }

    private Generator.Product generate(Modality modality, Duration timeout, Optional<Generator.Start> start) {
        URI base = URI.create(
                "http://127.0.0.1:%d/v1".formatted(server.getAddress().getPort()));
        try (EndpointGenerator generator = new EndpointGenerator(new EndpointGenerator.Endpoint(
                base,
                Optional.of("some-model"),
                Optional.of("secret"),
                Optional.empty(),
                timeout,
                Duration.ofMillis(5)))) {
            return generator
                    .generate(new Generator.Order("o", modality, "rain", 3, start))
                    .toCompletableFuture()
                    .join();
        }
    }

    private void refused(Modality modality, String code, boolean retriable, String words) {
        assertThatThrownBy(() -> generate(modality, Duration.ofSeconds(30)))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(GenerationFailedException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(code);
                    assertThat(failure.retriable()).isEqualTo(retriable);
                    assertThat(failure).hasMessageContaining(words);
                    assertThat(failure.getMessage()).doesNotContain("secret");
                });
    }
}
