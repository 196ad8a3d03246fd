package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
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

    @Test
    void aFormOfTooManyPartsIsRefusedAndNothingOfItIsKept() throws Exception {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            form.append("--b\r\nContent-Disposition: form-data; name=\"f")
                    .append(i)
                    .append("\"\r\n\r\nx\r\n");
        }
        HttpResponse<byte[]> refused = kinora.send(kinora.request("/v1/videos")
                .header("content-type", "multipart/form-data; boundary=b")
                .POST(HttpRequest.BodyPublishers.ofString(form + "--b--\r\n")));
        assertThat(kinora.error(refused, 413).get("code").asText()).isEqualTo("too_many_parts");
    }

    @Test
    void aRequestThatIsSentAgainUnderItsKeyIsDoneOnce() throws Exception {
        String body = "{\"prompt\": \"a star\", \"num_inference_steps\": 1}";
        String first = sentUnderAKey(body).path("id").asText();
        assertThat(sentUnderAKey(body).path("id").asText()).isEqualTo(first);
        HttpResponse<byte[]> other = kinora.send(kinora.request("/v1/videos")
                .header("idempotency-key", "k-1")
                .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\": \"another\"}")));
        assertThat(kinora.error(other, 422).get("code").asText()).isEqualTo("idempotency_key_reused");
        kinora.json(kinora.send(kinora.request("/v1/videos/" + first).DELETE()));
    }

    private JsonNode sentUnderAKey(String body) throws Exception {
        return kinora.json(kinora.send(kinora.request("/v1/videos")
                .header("idempotency-key", "k-1")
                .POST(HttpRequest.BodyPublishers.ofString(body))));
    }

    @Test
    void aTenantHasLimitsThatItsClientsCanReadAndIsNoOperatorUnlessSaid() throws Exception {
        HttpSettings settings = kinora.settings(Map.of(
                "kinora.http.tenants",
                List.of(Map.of("name", "small", "key-sha256", RunningKinora.KEY_SHA256, "requests-per-minute", 2))));
        try (HttpFace face = kinora.another(settings)) {
            HttpResponse<byte[]> taken = call(face.address(), "/v1/models");
            assertThat(taken.headers().firstValue("x-ratelimit-limit-requests")).hasValue("2");
            assertThat(taken.headers().firstValue("x-ratelimit-remaining-requests"))
                    .hasValue("1");
            assertThat(kinora.error(call(face.address(), "/v1/streams"), 403)
                            .get("type")
                            .asText())
                    .isEqualTo("permission_error");
            call(face.address(), "/v1/models");
            HttpResponse<byte[]> refused = call(face.address(), "/v1/models");
            assertThat(kinora.error(refused, 429).get("code").asText()).isEqualTo("rate_limit_exceeded");
            assertThat(refused.headers().firstValue("retry-after-ms")).isPresent();
            assertThat(refused.headers().firstValue("x-should-retry")).hasValue("true");
        }
    }

    @Test
    void tokensThatAnAnswerTookAreMissingUntilTheMinuteHasBroughtThemBack() throws Exception {
        HttpSettings settings = kinora.settings(Map.of(
                "kinora.http.tenants",
                List.of(Map.of("name", "short", "key-sha256", RunningKinora.KEY_SHA256, "tokens-per-minute", 10))));
        try (HttpFace face = kinora.another(settings)) {
            HttpResponse<byte[]> before = call(face.address(), "/v1/models");
            assertThat(before.headers().firstValue("x-ratelimit-limit-tokens")).hasValue("10");
            assertThat(before.headers().firstValue("x-ratelimit-remaining-tokens"))
                    .hasValue("10");
            assertThat(before.headers().firstValue("x-ratelimit-limit-requests"))
                    .isEmpty();
            HttpResponse<byte[]> answer = kinora.http()
                    .send(
                            HttpRequest.newBuilder(URI.create(face.address() + "/v1/chat/completions"))
                                    .header("authorization", "Bearer " + RunningKinora.KEY)
                                    .POST(HttpRequest.BodyPublishers.ofString(
                                            kinora.words("What moves, and where to?", "\"max_tokens\": 8")))
                                    .build(),
                            BodyHandlers.ofByteArray());
            assertThat(kinora.json(answer).at("/usage/total_tokens").asInt()).isGreaterThan(10);
            HttpResponse<byte[]> refused = call(face.address(), "/v1/models");
            assertThat(kinora.error(refused, 429).get("code").asText()).isEqualTo("rate_limit_exceeded");
            assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("10 tokens a minute");
            assertThat(refused.headers().firstValueAsLong("retry-after-ms").orElseThrow())
                    .isPositive();
        }
    }

    @Test
    void aClientThatGoesAwayBeforeItsStreamBeginsMakesRoomForTheNext() throws Exception {
        HttpSettings settings = kinora.settings(Map.of(
                "kinora.http.tenants",
                List.of(Map.of("name", "narrow", "key-sha256", RunningKinora.KEY_SHA256, "concurrent", 1))));
        try (HttpFace face = kinora.another(settings)) {
            byte[] body = kinora.words("Count.", "\"stream\": true, \"max_tokens\": 2000, \"temperature\": 1")
                    .getBytes(StandardCharsets.UTF_8);
            URI address = URI.create(face.address());
            try (Socket socket = new Socket(address.getHost(), address.getPort())) {
                socket.getOutputStream()
                        .write(("POST /v1/chat/completions HTTP/1.1\r\nhost: here\r\nauthorization: Bearer "
                                        + RunningKinora.KEY + "\r\ncontent-length: " + body.length + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().write(body);
                socket.getOutputStream().flush();
            }
            Instant giveUp = Instant.now().plusSeconds(600);
            int status = 429;
            while (status == 429 && Instant.now().isBefore(giveUp)) {
                status = call(face.address(), "/v1/models").statusCode();
            }
            assertThat(status).isEqualTo(200);
        }
    }

    @Test
    void itServesTlsWithTheCertificateOfAKeyStore() throws Exception {
        Path store = kinora.folder().resolve("tls.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "kinora",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "secret-of-a-test")
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        try (InputStream stream = Files.newInputStream(store)) {
            trusted.load(stream, "secret-of-a-test".toCharArray());
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        HttpSettings settings = kinora.settings(
                Map.of("kinora.http.tls.key-store", store.toString(), "kinora.http.tls.password", "secret-of-a-test"));
        try (HttpFace face = kinora.another(settings)) {
            assertThat(face.address()).startsWith("https://");
            HttpResponse<byte[]> answer = HttpClient.newBuilder()
                    .sslContext(context)
                    .build()
                    .send(
                            HttpRequest.newBuilder(URI.create(face.address() + "/v1/models"))
                                    .header("authorization", "Bearer " + RunningKinora.KEY)
                                    .build(),
                            BodyHandlers.ofByteArray());
            assertThat(kinora.json(answer).at("/data/0/id").asText()).isEqualTo(kinora.model());
        }
        assertThatThrownBy(() -> kinora.another(kinora.settings(
                        Map.of("kinora.http.tls.key-store", store.toString(), "kinora.http.tls.password", "wrong"))))
                .isInstanceOf(HttpUnavailableException.class)
                .hasMessageContaining("tls.p12");
    }

    private HttpResponse<byte[]> call(String address, String path) throws Exception {
        return kinora.http()
                .send(
                        HttpRequest.newBuilder(URI.create(address + path))
                                .header("authorization", "Bearer " + RunningKinora.KEY)
                                .build(),
                        BodyHandlers.ofByteArray());
    }
}
