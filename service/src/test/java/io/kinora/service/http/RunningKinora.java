package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonField;
import com.openai.core.JsonValue;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageParam;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.pipeline.Pipelines;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipPayload;
import io.kinora.kafka.record.ClipReference;
import io.kinora.service.KafkaCluster;
import io.kinora.service.KinoraNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** A whole service with a small untrained checkpoint and a broker, one for all tests that ask for it, and clients of it. */
final class RunningKinora implements AutoCloseable {
    /** The key of its one tenant, an operator. */
    static final String KEY = "sk-of-a-test";

    // printf %s 'sk-of-a-test' | sha256sum
    static final String KEY_SHA256 = "ffb1731249d293d586e1515f6fa41d2da846aa23a032c198043d192f18f2caf5";

    /** Gives the service to tests. */
    static final class Extension implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType().equals(RunningKinora.class);
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(RunningKinora.class))
                    .getOrComputeIfAbsent(RunningKinora.class, type -> start(), RunningKinora.class);
        }
    }

    private final Path folder;
    private final Config config;
    private final OtlpReceiver traces = new OtlpReceiver();
    private final KafkaCluster cluster;
    private final KinoraNode node;
    private final Pipelines pipelines;
    private final ClusterBooks books;
    private final HttpFace face;
    private final OpenAIClient openai;
    private final KinoraClient kafka;
    private final byte[] clip;
    private final HttpClient http = HttpClient.newHttpClient();

    private RunningKinora() throws IOException {
        folder = Files.createTempDirectory("kinora-over-http");
        config = ConfigFactory.parseMap(Map.of(
                        "kinora.data-dir",
                        folder.resolve("data").toString(),
                        "kinora.http.files.folder",
                        folder.resolve("files").toString(),
                        "kinora.kafka.embedded",
                        Map.of("folder", folder.resolve("kafka").toString(), "port", 0),
                        "kinora.kafka.claim-check.folder",
                        folder.resolve("claims").toString(),
                        "kinora.http.port",
                        0,
                        "kinora.http.max-body",
                        "1 MiB",
                        "kinora.tracing",
                        Map.of("enabled", true, "endpoint", traces.address(), "every", "100ms"),
                        "kinora.http.cors-origins",
                        List.of("https://ours.example"),
                        "kinora.http.vllm-metrics",
                        true,
                        "kinora.http.tenants",
                        List.of(Map.of("name", "tests", "key-sha256", KEY_SHA256, "operator", true))))
                .withFallback(ConfigFactory.load())
                .resolve();
        cluster = KafkaCluster.open(config);
        node = KinoraNode.start(config);
        pipelines = node.connect(cluster.settings());
        books = ClusterBooks.open(cluster.settings(), pipelines);
        face = node.listen(books);
        openai = openai(face.address());
        kafka = new KinoraClient(new KafkaClients(cluster.settings()), "/kinora/tests");
        try (InputStream sample =
                Objects.requireNonNull(KinoraNode.class.getResourceAsStream("/samples/red-circle.mp4"))) {
            clip = sample.readAllBytes();
        }
    }

    private static RunningKinora start() {
        try {
            return new RunningKinora();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        kafka.close();
        openai.close();
        face.close();
        books.close();
        pipelines.close();
        node.close();
        cluster.close();
        traces.close();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Settings of its HTTP face, to be varied. */
    HttpSettings settings(Map<String, ?> changed) {
        return HttpSettings.from(
                ConfigFactory.parseMap(changed).withFallback(config).resolve());
    }

    /** Another face of the same node; whoever asks closes it. */
    HttpFace another(HttpSettings settings) {
        return node.listen(books, settings);
    }

    /** Clients of its broker. */
    KafkaClients clients() {
        return new KafkaClients(cluster.settings());
    }

    /** What it tells of what it does. */
    OtlpReceiver traces() {
        return traces;
    }

    KinoraNode node() {
        return node;
    }

    ClusterBooks books() {
        return books;
    }

    HttpFace face() {
        return face;
    }

    OpenAIClient openai() {
        return openai;
    }

    HttpClient http() {
        return http;
    }

    String model() {
        return node.card().name();
    }

    /** A folder that goes with the service. */
    Path folder() {
        return folder;
    }

    byte[] clipBytes() {
        return clip.clone();
    }

    /** A clip, as an address. */
    String clip() {
        return "data:video/mp4;base64," + Base64.getEncoder().encodeToString(clip);
    }

    /** Puts the clip on the clips topic. */
    ClipReference publish(String stream, String id) {
        return kafka.publish(
                new Clip(id, stream, Optional.of("video/mp4"), new ClipPayload.Inline(Blob.wrap(clip)), Instant.now()));
    }

    /** A client of OpenAI's. */
    static OpenAIClient openai(String address) {
        return OpenAIOkHttpClient.builder()
                .apiKey(RunningKinora.KEY)
                .baseUrl(address + "/v1")
                .maxRetries(0)
                .build();
    }

    ChatCompletionCreateParams.Builder question(String text) {
        return question(clip(), text);
    }

    /** OpenAI's types know no clips; its client passes raw JSON on. */
    @SuppressWarnings("unchecked")
    ChatCompletionCreateParams.Builder question(String url, String text) {
        return ChatCompletionCreateParams.builder()
                .model(model())
                .maxCompletionTokens(12)
                .messages((JsonField<List<ChatCompletionMessageParam>>) (JsonField<?>) JsonValue.from(List.of(Map.of(
                        "role",
                        "user",
                        "content",
                        List.of(
                                Map.of("type", "video_url", "video_url", Map.of("url", url)),
                                Map.of("type", "text", "text", text))))));
    }

    /** A question without a clip, as JSON with more fields. */
    String words(String text, String moreFields) {
        return """
                {"model": "%s", "messages": [{"role": "user", "content": "%s"}]%s}""".formatted(model(), text, moreFields.isEmpty() ? "" : ", " + moreFields);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(face.address() + path)).header("authorization", "Bearer " + KEY);
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    HttpResponse<byte[]> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    JsonNode json(HttpResponse<byte[]> response) {
        assertThat(response.statusCode())
                .as(new String(response.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return Json.read(ByteBuffer.wrap(response.body()));
    }

    /** The first of a list that there is one day. */
    JsonNode await(String path, Predicate<JsonNode> wanted) throws IOException, InterruptedException {
        Instant giveUp = Instant.now().plusSeconds(600);
        while (Instant.now().isBefore(giveUp)) {
            JsonNode list = json(get(path));
            Optional<JsonNode> found = StreamSupport.stream(list.path("data").spliterator(), false)
                    .filter(wanted)
                    .findFirst();
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new AssertionError("nothing came at " + path);
    }

    JsonNode error(HttpResponse<byte[]> response, int status) {
        assertThat(response.statusCode()).isEqualTo(status);
        JsonNode error = Json.read(ByteBuffer.wrap(response.body())).get("error");
        assertThat(error.has("message") && error.has("type") && error.has("param") && error.has("code"))
                .isTrue();
        return error;
    }
}
