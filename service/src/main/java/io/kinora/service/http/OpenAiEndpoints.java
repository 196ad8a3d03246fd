package io.kinora.service.http;

import static io.kinora.service.http.Endpoint.tenant;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.Uri;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What OpenAI's clients call. */
final class OpenAiEndpoints extends AllDirectives {
    private final Api api;
    private final Models models;
    private final ChatCompletions chat;
    private final Optional<MediaChat> mediaChat;
    private final MediaReader media;
    private final Uploaded uploaded;
    private final Videos videos;
    private final Images images;

    OpenAiEndpoints(
            Api api,
            Models models,
            ChatCompletions chat,
            Optional<MediaChat> mediaChat,
            MediaReader media,
            Uploaded uploaded,
            Videos videos,
            Images images) {
        this.api = api;
        this.models = models;
        this.chat = chat;
        this.mediaChat = mediaChat;
        this.media = media;
        this.uploaded = uploaded;
        this.videos = videos;
        this.images = images;
    }

    List<Endpoint> all() {
        return List.of(
                tenant("GET", "/v1/models", call -> complete(Replies.json(models.list()))),
                tenant("GET", "/v1/models/{model}", call -> complete(Replies.json(models.get(call.id())))),
                tenant("POST", "/v1/chat/completions", this::chat),
                tenant("POST", "/v1/images/generations", call -> api.json(call, body -> images.create(body, call))),
                tenant("GET", "/v1/files", call -> api.blocking(uploaded::list)),
                tenant("POST", "/v1/files", call -> api.form(call, uploaded::keep)),
                tenant("GET", "/v1/files/{file}", call -> api.blocking(() -> uploaded.get(call.id()))),
                tenant("DELETE", "/v1/files/{file}", call -> api.blocking(() -> uploaded.delete(call.id()))),
                tenant("GET", "/v1/files/{file}/content", call -> api.blocking(() -> uploaded.content(call.id()))),
                tenant("GET", "/v1/videos", this::list),
                tenant("POST", "/v1/videos", this::create),
                tenant("GET", "/v1/videos/events", call -> complete(videos.events(Optional.empty(), call.tenant()))),
                tenant("GET", "/v1/videos/{video}", call -> api.blocking(() -> videos.get(call.id(), call.tenant()))),
                tenant(
                        "DELETE",
                        "/v1/videos/{video}",
                        call -> api.blocking(() -> videos.delete(call.id(), call.tenant()))),
                tenant("GET", "/v1/videos/{video}/content", this::content),
                tenant(
                        "GET",
                        "/v1/videos/{video}/events",
                        call -> api.blocking(() -> videos.events(Optional.of(call.id()), call.tenant()))),
                tenant(
                        "POST",
                        "/v1/videos/{video}/cancel",
                        call -> api.blocking(() -> videos.cancel(call.id(), call.tenant()))),
                tenant("POST", "/v1/videos/{video}/remix", this::remix));
    }

    /** The model decides how the body is read: a ModaVerse takes sounds and gives media. */
    private Route chat(Endpoint.Call call) {
        return extractRequest(request -> api.json(call, body -> {
            Optional<MediaChat> asked =
                    mediaChat.filter(candidate -> body.path("model").asText().equals(candidate.name()));
            return asked.isPresent()
                    ? asked.get().complete(JsonFields.body(body), address(request), call)
                    : chat.complete(ChatCompletionRequest.read(body, media), call);
        }));
    }

    /** This service, as its client calls it. */
    private static String address(HttpRequest request) {
        Uri called = request.getUri();
        return "%s://%s:%d".formatted(called.getScheme(), called.getHost(), called.getPort());
    }

    private Route list(Endpoint.Call call) {
        return parameterOptional(
                "limit",
                limit -> parameterOptional(
                        "after",
                        after -> parameterOptional(
                                "order",
                                order -> api.blocking(() -> videos.list(call.tenant(), limit, after, order)))));
    }

    /** OpenAI's clients send a form, people with curl JSON. */
    private Route create(Endpoint.Call call) {
        return extractRequest(
                request -> request.entity().getContentType().mediaType().isMultipart()
                        ? api.form(call, form -> videos.create(form, call))
                        : api.json(call, body -> CompletableFuture.completedFuture(videos.create(body, call))));
    }

    private Route remix(Endpoint.Call call) {
        return extractRequest(
                request -> request.entity().getContentType().mediaType().isMultipart()
                        ? api.form(call, form -> videos.remix(call.id(), VideoRequestReader.json(form.texts()), call))
                        : api.json(
                                call, body -> CompletableFuture.completedFuture(videos.remix(call.id(), body, call))));
    }

    private Route content(Endpoint.Call call) {
        return parameterOptional(
                "variant",
                variant ->
                        withRangeSupport(() -> api.blocking(() -> videos.content(call.id(), call.tenant(), variant))));
    }
}
