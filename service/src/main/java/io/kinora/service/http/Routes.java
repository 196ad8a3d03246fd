package io.kinora.service.http;

import static akka.http.javadsl.server.PathMatchers.segment;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import akka.util.ByteString;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Every address of the API. */
final class Routes extends AllDirectives {
    private static final ContentType PROMETHEUS = ContentTypes.parse("text/plain; version=0.0.4; charset=utf-8");

    private static final String POLICY =
            "default-src 'self'; img-src 'self' data: blob:; media-src 'self' data: blob:; frame-ancestors 'none'";

    private final Api api;
    private final Models models;
    private final Optional<ChatCompletions> chat;
    private final MediaReader media;
    private final FileStore files;
    private final Supplier<String> metrics;
    private final Videos videos;

    Routes(
            Api api,
            Models models,
            Optional<ChatCompletions> chat,
            MediaReader media,
            FileStore files,
            Supplier<String> metrics,
            Videos videos) {
        this.api = api;
        this.models = models;
        this.chat = chat;
        this.media = media;
        this.files = files;
        this.metrics = metrics;
        this.videos = videos;
    }

    Route all() {
        return api.sealed(() -> concat(
                health(),
                page(),
                pathPrefix("v1", () -> api.admitted(tenant -> concat(models(), chat(), files(), videos(tenant))))));
    }

    /** For whoever watches over the process; no key is needed. A node listens only once its checkpoint is loaded. */
    private Route health() {
        return get(() -> concat(
                path("live", () -> complete("live\n")),
                path("ready", () -> complete("ready\n")),
                path("startup", () -> complete("started\n")),
                path(
                        "metrics",
                        () -> complete(
                                HttpResponse.create().withEntity(PROMETHEUS, ByteString.fromString(metrics.get()))))));
    }

    /** The page needs nothing from elsewhere, and may load nothing from elsewhere. */
    private Route page() {
        return get(() -> respondWithHeaders(
                List.of(
                        RawHeader.create("content-security-policy", POLICY),
                        RawHeader.create("x-content-type-options", "nosniff"),
                        RawHeader.create("referrer-policy", "no-referrer")),
                () -> concat(
                        pathSingleSlash(() -> getFromResource("page/index.html")),
                        pathPrefix("page", () -> getFromResourceDirectory("page")))));
    }

    private Route models() {
        return pathPrefix(
                "models",
                () -> get(() -> concat(
                        pathEndOrSingleSlash(() -> complete(Replies.json(models.list()))),
                        path(segment(), id -> complete(Replies.json(models.get(id)))))));
    }

    private Route chat() {
        return path(
                segment("chat").slash("completions"),
                () -> post(() -> api.json(body -> answering().complete(ChatCompletionRequest.read(body, media)))));
    }

    private ChatCompletions answering() {
        return chat.orElseThrow(() -> ApiException.of(
                        ApiException.Kind.INVALID,
                        "model_not_supported",
                        "this checkpoint makes clips or pictures, but answers no questions")
                .about("model"));
    }

    private Route files() {
        return pathPrefix(
                "files",
                () -> concat(
                        pathEndOrSingleSlash(() ->
                                concat(get(() -> api.blocking(this::listFiles)), post(() -> api.form(this::keep)))),
                        path(
                                segment(),
                                id -> concat(
                                        get(() -> api.blocking(() -> Replies.json(FileStore.describe(files.get(id))))),
                                        delete(() -> api.blocking(() -> deleteFile(id))))),
                        path(segment().slash("content"), id -> get(() -> api.blocking(() -> contentOf(id))))));
    }

    private Route videos(Tenant tenant) {
        return pathPrefix(
                "videos",
                () -> concat(
                        pathEndOrSingleSlash(() -> concat(
                                get(() -> parameterOptional(
                                        "limit",
                                        limit -> parameterOptional(
                                                "after",
                                                after -> parameterOptional(
                                                        "order",
                                                        order -> api.blocking(
                                                                () -> videos.list(tenant, limit, after, order)))))),
                                post(() -> createVideo(tenant)))),
                        path(
                                segment().slash("content"),
                                id -> get(() -> parameterOptional(
                                        "variant",
                                        variant -> withRangeSupport(
                                                () -> api.blocking(() -> videos.content(id, tenant, variant)))))),
                        path(
                                segment().slash("cancel"),
                                id -> post(() -> api.blocking(() -> videos.cancel(id, tenant)))),
                        path(
                                segment(),
                                id -> concat(
                                        get(() -> api.blocking(() -> videos.get(id, tenant))),
                                        delete(() -> api.blocking(() -> videos.delete(id, tenant)))))));
    }

    /** OpenAI's clients send a form, people with curl JSON. */
    private Route createVideo(Tenant tenant) {
        return extractRequest(
                request -> request.entity().getContentType().mediaType().isMultipart()
                        ? api.form(form -> videos.create(VideoRequestReader.json(form.texts()), tenant))
                        : api.json(body -> CompletableFuture.completedFuture(videos.create(body, tenant))));
    }

    private HttpResponse listFiles() {
        List<FileStore.Stored> stored = files.list();
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        stored.forEach(file -> data.add(FileStore.describe(file)));
        list.put("first_id", stored.isEmpty() ? null : stored.get(0).id());
        list.put(
                "last_id",
                stored.isEmpty() ? null : stored.get(stored.size() - 1).id());
        list.put("has_more", false);
        return Replies.json(list);
    }

    private HttpResponse keep(MultipartForm form) {
        MultipartForm.Upload upload = form.upload("file").orElseThrow(() -> ApiException.of(
                        ApiException.Kind.INVALID, "missing_required_parameter", "a part named file is required")
                .about("file"));
        String purpose = form.texts().getOrDefault("purpose", "user_data");
        return Replies.json(FileStore.describe(files.keep(upload.content(), upload.fileName(), purpose)));
    }

    private HttpResponse deleteFile(String id) {
        files.delete(id);
        return Replies.json(Json.MAPPER
                .createObjectNode()
                .put("id", id)
                .put("object", "file")
                .put("deleted", true));
    }

    private HttpResponse contentOf(String id) {
        return HttpResponse.create()
                .withEntity(HttpEntities.create(
                        ContentTypes.APPLICATION_OCTET_STREAM, files.content(id).toFile()));
    }
}
