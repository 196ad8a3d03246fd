package io.kinora.actors.compose;

import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.actors.render.RenderRequest;
import io.kinora.model.modaverse.meta.Modality;
import io.kinora.video.StillImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Somebody else's engine behind an OpenAI-compatible address: {@code images/generations}, {@code images/edits} for a picture that is changed, {@code
 * audio/speech}, or {@code videos} with its jobs.
 */
public final class EndpointGenerator implements Generator {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int OK = 200;
    private static final int REDIRECT = 300;
    private static final int TOO_MANY = 429;
    private static final int SERVER = 500;

    private final Endpoint endpoint;
    private final HttpClient client;

    /**
     * Where it is.
     *
     * @param base the address before {@code images/generations}, as {@code https://host/v1}
     * @param model the name that the endpoint knows its model by
     * @param apiKey sent as a bearer token
     * @param strength of changes to a picture that is given, where a request names none; most services only know that there is a picture
     * @param timeout of one exchange, and of a whole video
     * @param poll how long to wait before a video's job is looked at again
     */
    public record Endpoint(
            URI base,
            Optional<String> model,
            Optional<String> apiKey,
            Optional<Double> strength,
            Duration timeout,
            Duration poll) {
        /** Checks that it is an address. */
        public Endpoint {
            if (base.getScheme() == null || !base.getScheme().matches("https?")) {
                throw new IllegalArgumentException("an endpoint is an http or https address, got " + base);
            }
        }

        private URI at(String path) {
            String text = base.toString();
            return URI.create((text.endsWith("/") ? text : text + "/") + path);
        }

        /** Without the key. */
        @Override
        public String toString() {
            return base + model.map(name -> " " + name).orElse("");
        }
    }

    /** For an endpoint. */
    public EndpointGenerator(Endpoint endpoint) {
        this.endpoint = endpoint;
        this.client = HttpClient.newBuilder().connectTimeout(endpoint.timeout()).build();
    }

    @Override
    public String name() {
        return endpoint.toString();
    }

    @Override
    public boolean changes(Modality modality) {
        return modality == Modality.IMAGE;
    }

    @Override
    public Optional<Double> strength() {
        return endpoint.strength();
    }

    @Override
    public CompletionStage<Product> generate(Order order) {
        return switch (order.modality()) {
            case IMAGE -> order.start().map(start -> edited(order, start)).orElseGet(() -> image(order));
            case AUDIO -> speech(order);
            case VIDEO -> video(order);
            case TEXT -> throw new IllegalArgumentException("text needs no generator");
        };
    }

    private CompletionStage<Product> image(Order order) {
        ObjectNode body = body("prompt", order)
                .put("n", 1)
                .put("response_format", "b64_json")
                .put("seed", order.seed());
        return post("images/generations", body).thenApply(this::picture);
    }

    /** The picture goes as PNG without anything that its file says beside its pixels. */
    private CompletionStage<Product> edited(Order order, Start start) {
        return CompletableFuture.supplyAsync(() -> form(order, start))
                .thenCompose(form -> exchange(request("images/edits")
                        .header("Content-Type", form.contentType())
                        .POST(HttpRequest.BodyPublishers.ofByteArray(form.body()))
                        .build()))
                .thenApply(this::picture);
    }

    private MultipartBody form(Order order, Start start) {
        RenderRequest.Medium medium = start.material();
        byte[] png = StillImage.png(StillImage.decode(medium.source(), medium.limits()));
        MultipartBody form = new MultipartBody()
                .file("image", "image.png", "image/png", png)
                .text("prompt", order.prompt())
                .text("n", "1")
                .text("response_format", "b64_json")
                .text("seed", Long.toString(order.seed()))
                .text("strength", Double.toString(start.strength()));
        return endpoint.model().map(model -> form.text("model", model)).orElse(form);
    }

    private Product picture(HttpResponse<byte[]> response) {
        JsonNode picture = json(response).path("data").path(0).path("b64_json");
        if (!picture.isTextual()) {
            throw broken("answered without data[0].b64_json");
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(picture.textValue());
            return new Product(List.of(ByteString.fromArray(bytes)), "image/png", ".png");
        } catch (IllegalArgumentException e) {
            throw broken("answered with a picture that is not base64");
        }
    }

    private CompletionStage<Product> speech(Order order) {
        return post("audio/speech", body("input", order).put("response_format", "wav"))
                .thenApply(response -> product(response, "audio", "audio/wav"));
    }

    private CompletionStage<Product> video(Order order) {
        long until = System.nanoTime() + endpoint.timeout().toNanos();
        return post("videos", body("prompt", order))
                .thenCompose(response -> finished(json(response), until))
                .thenCompose(id -> get("videos/" + id + "/content"))
                .thenApply(response -> product(response, "video", "video/mp4"));
    }

    private CompletionStage<String> finished(JsonNode job, long until) {
        String id = job.path("id").asText();
        if (!id.matches("[\\w.-]{1,200}")) {
            throw broken("answered without the id of a video");
        }
        return switch (job.path("status").asText()) {
            case "completed" -> CompletableFuture.completedFuture(id);
            case "failed", "cancelled" ->
                throw new GenerationFailedException(
                        "generator.failed",
                        "%s could not make the video: %s"
                                .formatted(
                                        endpoint,
                                        job.path("error").path("message").asText("no reason is given")),
                        false);
            default -> later(id, until);
        };
    }

    private CompletionStage<String> later(String id, long until) {
        if (System.nanoTime() - until > 0) {
            throw new GenerationFailedException(
                    "late", "%s was not ready within %s".formatted(endpoint, endpoint.timeout()), true);
        }
        return CompletableFuture.supplyAsync(
                        () -> get("videos/" + id),
                        CompletableFuture.delayedExecutor(endpoint.poll().toMillis(), TimeUnit.MILLISECONDS))
                .thenCompose(reply -> reply)
                .thenCompose(response -> finished(json(response), until));
    }

    private ObjectNode body(String promptName, Order order) {
        ObjectNode body = JSON.createObjectNode().put(promptName, order.prompt());
        endpoint.model().ifPresent(model -> body.put("model", model));
        return body;
    }

    private CompletionStage<HttpResponse<byte[]>> post(String path, JsonNode body) {
        return exchange(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
    }

    private CompletionStage<HttpResponse<byte[]>> get(String path) {
        return exchange(request(path).GET().build());
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.at(path)).timeout(endpoint.timeout());
        endpoint.apiKey().ifPresent(key -> request.header("Authorization", "Bearer " + key));
        return request;
    }

    private CompletionStage<HttpResponse<byte[]>> exchange(HttpRequest request) {
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
                .handle((response, failure) -> {
                    if (failure != null) {
                        Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                                ? wrapped.getCause()
                                : failure;
                        throw new GenerationFailedException(
                                "generator.unreachable",
                                "%s cannot be reached: %s".formatted(request.uri(), cause),
                                true);
                    }
                    int status = response.statusCode();
                    if (status < OK || status >= REDIRECT) {
                        throw new GenerationFailedException(
                                "generator.failed",
                                "%s answered %d: %s".formatted(request.uri(), status, message(response)),
                                status == TOO_MANY || status >= SERVER);
                    }
                    return response;
                });
    }

    private static String message(HttpResponse<byte[]> response) {
        try {
            return JSON.readTree(response.body()).path("error").path("message").asText("no reason is given");
        } catch (IOException e) {
            return "%d bytes that are no JSON".formatted(response.body().length);
        }
    }

    private Product product(HttpResponse<byte[]> response, String kind, String otherwise) {
        String type = response.headers()
                .firstValue("Content-Type")
                .orElse(otherwise)
                .replaceAll(";.*", "")
                .strip()
                .toLowerCase(Locale.ROOT);
        if (type.equals("application/octet-stream")) {
            type = otherwise;
        }
        if (!type.matches(kind + "/[\\w.+-]{1,100}")) {
            throw broken("answered with %s instead of %s".formatted(type, kind));
        }
        String suffix = "."
                + type.substring(type.indexOf('/') + 1)
                        .replaceAll("[^a-z0-9]", "")
                        .replace("mpeg", "mp3");
        if (response.body().length == 0) {
            throw broken("answered with nothing");
        }
        return new Product(List.of(ByteString.fromArray(response.body())), type, suffix);
    }

    private JsonNode json(HttpResponse<byte[]> response) {
        try {
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw broken("answered with what is no JSON");
        } catch (IOException e) {
            throw broken("answered with what cannot be read: " + e.getMessage());
        }
    }

    private GenerationFailedException broken(String what) {
        return new GenerationFailedException("generator.failed", "%s %s".formatted(endpoint, what), false);
    }

    @Override
    public void close() {
        // the client's threads end when nobody uses it
    }
}
