package io.kinora.service.http;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.ExceptionHandler;
import akka.http.javadsl.server.MethodRejection;
import akka.http.javadsl.server.RejectionHandler;
import akka.http.javadsl.server.Route;
import akka.http.scaladsl.model.EntityStreamSizeException;
import akka.stream.javadsl.Flow;
import akka.util.ByteString;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all routes share: ids of requests, keys of tenants, bodies, errors. */
final class Api extends AllDirectives {
    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    private static final String REQUEST_ID = "x-request-id";
    private static final Pattern REQUEST_ID_FORM = Pattern.compile("[A-Za-z0-9._-]{1,128}");
    private static final String ALLOWED = "authorization, content-type, x-request-id";
    private static final String EXPOSED = "x-request-id, retry-after, openai-poll-after-ms";
    private static final String BEARER = "bearer ";
    private static final Duration FOR_A_BODY = Duration.ofMinutes(2);
    private static final Duration SOON = Duration.ofSeconds(2);

    private final ActorSystem<?> system;
    private final HttpSettings settings;
    private final Gate gate;
    private final Executor blocking;

    Api(ActorSystem<?> system, HttpSettings settings, Gate gate) {
        this.system = system;
        this.settings = settings;
        this.gate = gate;
        this.blocking = system.dispatchers().lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"));
    }

    /** Routes with an id on every response, and every error in JSON. */
    Route sealed(Supplier<Route> routes) {
        return optionalHeaderValueByName(
                REQUEST_ID,
                given -> respondWithHeader(
                        RawHeader.create(REQUEST_ID, requestId(given)),
                        () -> handleExceptions(
                                exceptions(), () -> handleRejections(rejections(), () -> shared(routes)))));
    }

    /** Lets pages of the configured origins call from a browser; others get no CORS headers, and browsers keep the response from them. */
    private Route shared(Supplier<Route> routes) {
        return optionalHeaderValueByName("origin", origin -> {
            if (origin.isEmpty() || !settings.origins().contains(origin.get())) {
                return routes.get();
            }
            return respondWithHeaders(
                    List.of(
                            RawHeader.create("access-control-allow-origin", origin.get()),
                            RawHeader.create("access-control-expose-headers", EXPOSED),
                            RawHeader.create("vary", "origin")),
                    () -> concat(options(() -> complete(preflight())), routes.get()));
        });
    }

    private static HttpResponse preflight() {
        return HttpResponse.create()
                .withStatus(StatusCodes.NO_CONTENT)
                .addHeader(RawHeader.create("access-control-allow-methods", "GET, POST, DELETE"))
                .addHeader(RawHeader.create("access-control-allow-headers", ALLOWED))
                .addHeader(RawHeader.create("access-control-max-age", "600"));
    }

    private static String requestId(Optional<String> given) {
        return given.filter(id -> REQUEST_ID_FORM.matcher(id).matches())
                .orElseGet(() -> "req_" + UUID.randomUUID().toString().replace("-", ""));
    }

    private ExceptionHandler exceptions() {
        return ExceptionHandler.newBuilder()
                .matchAny(failure -> complete(Replies.error(error(failure))))
                .build();
    }

    private ApiException error(Throwable failure) {
        if (failure instanceof CompletionException && failure.getCause() != null) {
            return error(failure.getCause());
        }
        if (failure instanceof ApiException known) {
            return known;
        }
        if (failure instanceof EntityStreamSizeException) {
            return ApiException.of(
                    ApiException.Kind.TOO_LARGE,
                    "request_too_large",
                    "the body has more than the %,d bytes that are allowed".formatted(settings.maxBody()));
        }
        LOG.error("a request failed", failure);
        return ApiException.of(ApiException.Kind.INTERNAL, "internal_error", "the service failed; its log says why")
                .retryAfter(SOON);
    }

    private RejectionHandler rejections() {
        return RejectionHandler.newBuilder()
                .handleAll(MethodRejection.class, rejections -> {
                    String allowed = rejections.stream()
                            .map(rejection -> rejection.supported().name())
                            .distinct()
                            .collect(Collectors.joining(", "));
                    ApiException error = ApiException.of(
                            ApiException.Kind.METHOD_NOT_ALLOWED,
                            "method_not_allowed",
                            "this address takes %s only".formatted(allowed));
                    return complete(Replies.error(error).addHeader(RawHeader.create("allow", allowed)));
                })
                .handleNotFound(extractUnmatchedPath(path -> complete(Replies.error(ApiException.of(
                        ApiException.Kind.NOT_FOUND, "not_found", "there is nothing at this address")))))
                .build();
    }

    /** A route for tenants only; each of its requests counts against their limits until its response has been sent. */
    Route admitted(Function<Tenant, Route> inner) {
        return optionalHeaderValueByName("authorization", header -> {
            Tenant tenant = tenant(header);
            Gate.Pass pass = gate.enter(tenant);
            return respondWithHeaders(
                    pass.headers(),
                    () -> mapResponse(
                            response -> closing(response, pass),
                            () -> handleExceptions(
                                    exceptions(), () -> handleRejections(rejections(), () -> inner.apply(tenant)))));
        });
    }

    private Tenant tenant(Optional<String> header) {
        if (settings.tenants().isEmpty()) {
            return Tenant.ANYBODY;
        }
        Optional<String> key = header.filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .map(value -> value.substring(BEARER.length()).strip());
        return key.flatMap(this::owner)
                .orElseThrow(() -> ApiException.of(
                        ApiException.Kind.UNAUTHENTICATED,
                        "invalid_api_key",
                        key.isPresent()
                                ? "this API key is not known"
                                : "an API key is needed: Authorization: Bearer KEY"));
    }

    private Optional<Tenant> owner(String key) {
        return settings.tenants().stream().filter(tenant -> tenant.owns(key)).findFirst();
    }

    private static HttpResponse closing(HttpResponse response, Gate.Pass pass) {
        if (response.entity().isStrict()) {
            pass.close();
            return response;
        }
        return response.transformEntityDataBytes(Flow.<ByteString>create().watchTermination((ignored, done) -> {
            done.whenComplete((end, failure) -> pass.close());
            return ignored;
        }));
    }

    /** A route that takes JSON. Reading and what follows run where blocking is allowed. */
    Route json(Function<JsonNode, CompletionStage<HttpResponse>> respond) {
        return extractRequestEntity(entity -> extractMaterializer(materializer -> {
            CompletionStage<HttpResponse> response = entity.withSizeLimit(settings.maxBody())
                    .toStrict(FOR_A_BODY.toMillis(), materializer)
                    .thenApplyAsync(strict -> Json.read(strict.getData().asByteBuffer()), blocking)
                    .thenComposeAsync(respond, blocking);
            return completeWithFuture(response);
        }));
    }

    /** A route that takes {@code multipart/form-data}; the form is closed once there is a response. */
    Route form(Function<MultipartForm, HttpResponse> respond) {
        return extractRequestEntity(
                entity -> completeWithFuture(MultipartForm.read(entity.withSizeLimit(settings.maxBody()), system)
                        .thenApplyAsync(
                                form -> {
                                    try (form) {
                                        return respond.apply(form);
                                    }
                                },
                                blocking)));
    }

    /** A route whose response is made where blocking is allowed. */
    Route blocking(Supplier<HttpResponse> respond) {
        return completeWithFuture(CompletableFuture.supplyAsync(respond, blocking));
    }
}
