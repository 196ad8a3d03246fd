package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonField;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageParam;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.videos.Video;
import com.openai.models.videos.VideoCreateParams;
import com.openai.models.videos.VideoModel;
import com.openai.models.videos.VideoSeconds;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import io.kinora.actors.pipeline.Pipelines;
import io.kinora.service.KafkaCluster;
import io.kinora.service.KinoraNode;
import io.kinora.video.DecodeLimits;
import io.kinora.video.StillImage;
import io.kinora.video.VideoInfo;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP API as real clients use it. */
@Tag("slow")
class HttpFaceTest {
    private static final String KEY = "sk-of-a-test";

    @TempDir
    static Path folder;

    private static KafkaCluster cluster;
    private static KinoraNode node;
    private static Pipelines pipelines;
    private static JobBook jobs;
    private static HttpFace face;
    private static OpenAIClient openai;
    private static String model;
    private static String clip;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws IOException {
        // printf %s 'sk-of-a-test' | sha256sum
        Config config = ConfigFactory.parseMap(Map.of(
                        "kinora.data-dir",
                        folder.resolve("data").toString(),
                        "kinora.kafka.embedded.folder",
                        folder.resolve("kafka").toString(),
                        "kinora.kafka.claim-check.folder",
                        folder.resolve("claims").toString(),
                        "kinora.kafka.embedded.port",
                        0,
                        "kinora.http.port",
                        0,
                        "kinora.http.max-body",
                        "1 MiB",
                        "kinora.http.cors-origins",
                        List.of("https://ours.example"),
                        "kinora.http.vllm-metrics",
                        true,
                        "kinora.http.tenants",
                        List.of(Map.of(
                                "name",
                                "tests",
                                "key-sha256",
                                "ffb1731249d293d586e1515f6fa41d2da846aa23a032c198043d192f18f2caf5"))))
                .withFallback(ConfigFactory.load())
                .resolve();
        cluster = KafkaCluster.open(config);
        node = KinoraNode.start(config);
        pipelines = node.connect(cluster.settings());
        jobs = new JobBook(cluster.settings());
        face = node.listen(KafkaClips.of(pipelines), jobs);
        openai = OpenAIOkHttpClient.builder()
                .apiKey(KEY)
                .baseUrl(face.address() + "/v1")
                .maxRetries(0)
                .build();
        model = node.card().name();
        try (InputStream sample =
                Objects.requireNonNull(KinoraNode.class.getResourceAsStream("/samples/red-circle.mp4"))) {
            clip = "data:video/mp4;base64," + Base64.getEncoder().encodeToString(sample.readAllBytes());
        }
    }

    @AfterAll
    static void stop() {
        openai.close();
        face.close();
        jobs.close();
        pipelines.close();
        node.close();
        cluster.close();
    }

    @Test
    void openaiListsTheModelAndGetsOne() {
        assertThat(openai.models().list().data())
                .extracting(listed -> listed.id())
                .containsExactly(model);
        assertThat(openai.models().retrieve(model).ownedBy()).isEqualTo("kinora");
        assertThatThrownBy(() -> openai.models().retrieve("gpt")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void openaiAsksAboutAClipAndTheStreamedTokensAreTheWholeAnswer() {
        ChatCompletionCreateParams question = question("What moves?").build();
        ChatCompletion whole = openai.chat().completions().create(question);
        String text = whole.choices().get(0).message().content().orElseThrow();
        assertThat(whole.usage().orElseThrow().completionTokens()).isEqualTo(12);

        StringBuilder streamed = new StringBuilder();
        StringBuilder reason = new StringBuilder();
        long[] usage = new long[2];
        ChatCompletionCreateParams asked = question.toBuilder()
                .streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build();
        try (StreamResponse<ChatCompletionChunk> chunks =
                openai.chat().completions().createStreaming(asked)) {
            chunks.stream().forEach(chunk -> {
                chunk.choices().forEach(choice -> {
                    choice.delta().content().ifPresent(streamed::append);
                    choice.finishReason().ifPresent(reason::append);
                });
                chunk.usage().ifPresent(taken -> {
                    usage[0] = taken.completionTokens();
                    usage[1] = taken.promptTokensDetails()
                            .orElseThrow()
                            .cachedTokens()
                            .orElseThrow();
                });
            });
        }
        assertThat(streamed).hasToString(text);
        assertThat(reason).hasToString("length");
        assertThat(usage[0]).isEqualTo(12);
        assertThat(usage[1]).as("tokens of the clip that were reused").isGreaterThan(100);
    }

    @Test
    void severalAnswersToOneQuestionAreIndexed() {
        ChatCompletion answers = openai.chat()
                .completions()
                .create(question("What moves?").n(2).temperature(1).build());
        assertThat(answers.choices()).extracting(ChatCompletion.Choice::index).containsExactly(0L, 1L);
    }

    @Test
    void tokensComeWithTheirProbabilities() {
        ChatCompletion answer = openai.chat()
                .completions()
                .create(question("What moves?")
                        .logprobs(true)
                        .topLogprobs(3)
                        .maxCompletionTokens(5)
                        .build());
        ChatCompletion.Choice.Logprobs logprobs =
                answer.choices().get(0).logprobs().orElseThrow();
        assertThat(logprobs.content().orElseThrow()).hasSize(5).allSatisfy(token -> {
            assertThat(token.logprob()).isLessThanOrEqualTo(0);
            assertThat(token.topLogprobs()).hasSize(3);
            assertThat(token.topLogprobs().get(0).token()).isEqualTo(token.token());
        });
    }

    @Test
    void anAnswerOutOfSomeChoicesComesWithTheProbabilityOfEach() throws Exception {
        JsonNode answer = json(post("/v1/chat/completions", """
                {"model": "%s", "guided_choice": ["yes", "no"], "messages": [{"role": "user", "content": [
                  {"type": "video_url", "video_url": {"url": "%s"}}, {"type": "text", "text": "Does it move?"}]}]}
                """.formatted(model, clip)));
        assertThat(answer.at("/choices/0/message/content").asText()).isIn("yes", "no");
        JsonNode probabilities = answer.at("/kinora/choice_probabilities");
        assertThat(probabilities.get(0).asDouble() + probabilities.get(1).asDouble())
                .isCloseTo(1, within(1e-6));
    }

    @Test
    void anUnreadableClipIsABadRequestAlsoWhereTheAnswerIsStreamed() {
        ChatCompletionCreateParams broken =
                question("data:video/mp4;base64,AAAA", "What moves?").build();
        assertThatThrownBy(() -> openai.chat().completions().create(broken)).isInstanceOf(BadRequestException.class);
        assertThatThrownBy(() -> openai.chat().completions().createStreaming(broken))
                .isInstanceOf(BadRequestException.class);
    }

    @Test
    void langchain4jStreamsAnAnswerAboutAClip() throws Exception {
        OpenAiStreamingChatModel langchain = OpenAiStreamingChatModel.builder()
                .baseUrl(face.address() + "/v1")
                .apiKey(KEY)
                .modelName(model)
                .maxTokens(12)
                .temperature(0.0)
                .build();
        CompletableFuture<ChatResponse> answer = new CompletableFuture<>();
        StringBuilder streamed = new StringBuilder();
        langchain.chat(
                List.of(UserMessage.from(VideoContent.from(clip), TextContent.from("What moves?"))),
                new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String token) {
                        streamed.append(token);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }
                });
        ChatResponse response = answer.get(60, TimeUnit.SECONDS);
        assertThat(response.aiMessage().text()).isEqualTo(streamed.toString()).isNotBlank();
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(12);
    }

    @Test
    void anUploadedFileCanBeAskedAboutListedAndDeleted() throws Exception {
        byte[] bytes = Base64.getDecoder().decode(clip.substring(clip.indexOf(',') + 1));
        Path file = Files.write(folder.resolve("clip.mp4"), bytes);
        String boundary = "----boundary";
        HttpResponse<byte[]> uploaded = http.send(
                request("/v1/files")
                        .header("content-type", "multipart/form-data; boundary=" + boundary)
                        .POST(HttpRequest.BodyPublishers.concat(
                                HttpRequest.BodyPublishers.ofString("--" + boundary
                                        + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../clip.mp4\"\r\n"
                                        + "Content-Type: video/mp4\r\n\r\n"),
                                HttpRequest.BodyPublishers.ofFile(file),
                                HttpRequest.BodyPublishers.ofString("\r\n--" + boundary + "--\r\n")))
                        .build(),
                BodyHandlers.ofByteArray());
        String id = json(uploaded).get("id").asText();
        assertThat(json(get("/v1/files")).at("/data/0/id").asText()).isEqualTo(id);
        assertThat(get("/v1/files/" + id + "/content").body()).isEqualTo(bytes);

        HttpResponse<byte[]> answered = post("/v1/chat/completions", """
                {"model": "%s", "max_tokens": 4, "messages": [{"role": "user", "content": [
                  {"type": "file", "file": {"file_id": "%s"}}, {"type": "text", "text": "What moves?"}]}]}
                """.formatted(model, id));
        assertThat(answered.statusCode()).isEqualTo(200);

        HttpResponse<byte[]> deleted =
                http.send(request("/v1/files/" + id).DELETE().build(), BodyHandlers.ofByteArray());
        assertThat(json(deleted).get("deleted").asBoolean()).isTrue();
        assertThat(get("/v1/files/" + id).statusCode()).isEqualTo(404);
    }

    @Test
    void errorsAreInOpenAisFormAndNameTheField() throws Exception {
        JsonNode hot = error(post("/v1/chat/completions", """
                {"model": "m", "temperature": 9, "messages": [{"role": "user", "content": "hello"}]}
                """), 400);
        assertThat(hot.get("param").asText()).isEqualTo("temperature");
        assertThat(hot.get("message").asText()).contains("0.0 to 2.0", "got 9");
        JsonNode unknown = error(post("/v1/chat/completions", """
                {"model": "gpt", "messages": [{"role": "user", "content": "hello"}]}
                """), 404);
        assertThat(unknown.get("code").asText()).isEqualTo("model_not_found");
        assertThat(error(post("/v1/chat/completions", "{\"model\": \"\u0000"), 400)
                        .get("code")
                        .asText())
                .isEqualTo("invalid_json");
        assertThat(error(post("/v1/chat/completions", "\"" + "x".repeat(2 << 20) + "\""), 413)
                        .get("code")
                        .asText())
                .isEqualTo("request_too_large");
        assertThat(error(get("/v1/nothing"), 404).get("type").asText()).isEqualTo("invalid_request_error");
    }

    @Test
    void addressesThatAreNotPublicAreRefused() throws Exception {
        for (String url :
                List.of("http://127.0.0.1:1/clip.mp4", "http://[::1]/x", "file:///etc/passwd", "kafka://x/0/0")) {
            HttpResponse<byte[]> refused = post("/v1/chat/completions", """
                    {"model": "%s", "messages": [{"role": "user", "content": [
                      {"type": "video_url", "video_url": {"url": "%s"}}]}]}
                    """.formatted(model, url));
            assertThat(refused.statusCode()).as(url).isBetween(400, 404);
        }
    }

    @Test
    void withoutAKnownKeyNothingIsAnswered() throws Exception {
        HttpRequest without = HttpRequest.newBuilder(URI.create(face.address() + "/v1/models"))
                .build();
        JsonNode error = error(http.send(without, BodyHandlers.ofByteArray()), 401);
        assertThat(error.get("code").asText()).isEqualTo("invalid_api_key");
        HttpRequest live =
                HttpRequest.newBuilder(URI.create(face.address() + "/live")).build();
        assertThat(http.send(live, BodyHandlers.ofByteArray()).statusCode()).isEqualTo(200);
    }

    // OpenAI no longer offers videos itself; its clients, and many other engines, still speak this API.
    @SuppressWarnings("deprecation")
    @Test
    void openaiMakesPollsDownloadsListsAndDeletesAVideo() throws Exception {
        Video created = openai.videos()
                .create(VideoCreateParams.builder()
                        .prompt("a blue star spins")
                        .model(VideoModel.of(model))
                        .seconds(VideoSeconds.of("2"))
                        .putAdditionalBodyProperty("num_inference_steps", JsonValue.from("2"))
                        .build());
        assertThat(created.status()).isEqualTo(Video.Status.QUEUED);
        Video video = created;
        for (Instant giveUp = Instant.now().plusSeconds(120);
                !video.status().equals(Video.Status.COMPLETED) && Instant.now().isBefore(giveUp); ) {
            assertThat(video.error()).isEmpty();
            video = openai.videos().retrieve(created.id());
        }
        assertThat(video.progress()).isEqualTo(100);
        byte[] bytes;
        try (com.openai.core.http.HttpResponse content = openai.videos().downloadContent(created.id())) {
            bytes = content.body().readAllBytes();
        }
        VideoInfo made = VideoProbe.probe(VideoSource.bytes(bytes), DecodeLimits.defaults());
        assertThat(made.codec()).isEqualTo("h264");
        assertThat(made.frameCount()).hasValue(16);
        HttpResponse<byte[]> part = http.send(
                request("/v1/videos/" + created.id() + "/content")
                        .header("range", "bytes=4-7")
                        .build(),
                BodyHandlers.ofByteArray());
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(new String(part.body(), StandardCharsets.US_ASCII)).isEqualTo("ftyp");
        assertThat(StillImage.decode(
                                get("/v1/videos/" + created.id() + "/content?variant=thumbnail")
                                        .body(),
                                DecodeLimits.defaults())
                        .width())
                .isPositive();

        assertThat(openai.videos().list().data()).extracting(Video::id).contains(created.id());
        assertThat(openai.videos().delete(created.id()).deleted()).isTrue();
        assertThatThrownBy(() -> openai.videos().retrieve(created.id())).isInstanceOf(NotFoundException.class);
    }

    @Test
    void aVideoThatCannotBeMadeIsRefusedWithWhatIsAllowed() throws Exception {
        assertThat(error(post("/v1/videos", "{\"prompt\": \"a star\", \"size\": \"big\"}"), 400)
                        .get("message")
                        .asText())
                .contains("WIDTHxHEIGHT");
        assertThat(error(post("/v1/videos", "{\"prompt\": \"a star\", \"num_frames\": 99}"), 400)
                        .get("message")
                        .asText())
                .contains("8 to 24");
        assertThat(error(post("/v1/videos", "{}"), 400).get("param").asText()).isEqualTo("prompt");
    }

    @Test
    void metricsCountWhatWasAnsweredUnderKinorasNamesAndVllms() throws Exception {
        openai.chat().completions().create(question("What moves?").build());
        String page = new String(get("/metrics").body(), StandardCharsets.UTF_8);
        assertThat(page)
                .contains(
                        "kinora_generated_tokens_total",
                        "kinora_time_to_first_token_seconds_bucket",
                        "jvm_memory_used_bytes")
                .containsPattern("vllm:generation_tokens_total\\{model_name=\"" + model + "\"} [1-9]")
                .containsPattern("vllm:time_to_first_token_seconds_count\\{model_name=\"" + model + "\"} [1-9]");
    }

    @Test
    void thePageComesFromTheServiceAndLoadsNothingFromElsewhere() throws Exception {
        HttpResponse<byte[]> page = get("/");
        String html = new String(page.body(), StandardCharsets.UTF_8);
        assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
                .contains("default-src 'self'");
        assertThat(html).doesNotContainPattern("(src|href)=\"https?:");
        Matcher files = Pattern.compile("(?:src|href)=\"(page/[^\"]+)\"").matcher(html);
        int found = 0;
        while (files.find()) {
            found++;
            assertThat(get("/" + files.group(1)).statusCode())
                    .as(files.group(1))
                    .isEqualTo(200);
        }
        assertThat(found).isEqualTo(2);
        assertThat(get("/page/../application.conf").statusCode()).isEqualTo(404);
    }

    @Test
    void onlyPagesOfTheConfiguredOriginsMayCallFromABrowser() throws Exception {
        for (String origin : List.of("https://ours.example", "https://theirs.example")) {
            HttpResponse<byte[]> asked = http.send(
                    HttpRequest.newBuilder(URI.create(face.address() + "/v1/models"))
                            .header("origin", origin)
                            .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.ofByteArray());
            HttpResponse<byte[]> answered =
                    http.send(request("/v1/models").header("origin", origin).build(), BodyHandlers.ofByteArray());
            boolean ours = origin.contains("ours");
            assertThat(asked.statusCode() == 204).as(origin).isEqualTo(ours);
            assertThat(answered.headers().firstValue("access-control-allow-origin"))
                    .isEqualTo(ours ? Optional.of(origin) : Optional.empty());
        }
    }

    @Test
    void requestIdsComeBack() throws Exception {
        HttpResponse<byte[]> response =
                http.send(request("/v1/models").header("x-request-id", "mine-1").build(), BodyHandlers.ofByteArray());
        assertThat(response.headers().firstValue("x-request-id")).hasValue("mine-1");
    }

    private static ChatCompletionCreateParams.Builder question(String text) {
        return question(clip, text);
    }

    /** OpenAI's types know no clips; its client passes raw JSON on. */
    @SuppressWarnings("unchecked")
    private static ChatCompletionCreateParams.Builder question(String url, String text) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .maxCompletionTokens(12)
                .messages((JsonField<List<ChatCompletionMessageParam>>) (JsonField<?>) JsonValue.from(List.of(Map.of(
                        "role",
                        "user",
                        "content",
                        List.of(
                                Map.of("type", "video_url", "video_url", Map.of("url", url)),
                                Map.of("type", "text", "text", text))))));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(face.address() + path)).header("authorization", "Bearer " + KEY);
    }

    private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> post(String path, String body) throws IOException, InterruptedException {
        return http.send(
                request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(), BodyHandlers.ofByteArray());
    }

    private static JsonNode json(HttpResponse<byte[]> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        return Json.read(ByteBuffer.wrap(response.body()));
    }

    private static JsonNode error(HttpResponse<byte[]> response, int status) {
        assertThat(response.statusCode()).isEqualTo(status);
        JsonNode error = Json.read(ByteBuffer.wrap(response.body())).get("error");
        assertThat(error.has("message") && error.has("type") && error.has("param") && error.has("code"))
                .isTrue();
        return error;
    }
}
