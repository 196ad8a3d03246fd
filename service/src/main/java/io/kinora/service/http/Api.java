package io.kinora.service.http;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.http.javadsl.model.AttributeKey;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.ExceptionHandler;
import akka.http.javadsl.server.RejectionHandler;
import akka.http.javadsl.server.Route;
import akka.http.scaladsl.model.EntityStreamException;
import akka.http.scaladsl.model.EntityStreamSizeException;
import akka.stream.javadsl.Flow;
import akka.util.ByteString;
import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.actors.trace.RequestTrace;
import io.kinora.actors.trace.TracedWork;
import io.kinora.actors.trace.Tracing;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.headers.TraceContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all routes share: ids of requests, keys of tenants, bodies, errors. */
final class Api extends AllDirectives {
    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    private static final String REQUEST_ID = "x-request-id";
    private static final AttributeKey<String> ID = AttributeKey.create(REQUEST_ID, String.class);
    private static final Pattern REQUEST_ID_FORM = Pattern.compile("[A-Za-z0-9._-]{1,128}");
    private static final String ALLOWED =
            "authorization, content-type, idempotency-key, x-request-id, traceparent, tracestate";
    private static final String EXPOSED = "x-request-id, retry-after, openai-poll-after-ms, traceresponse";
    private static final String TRACE_RESPONSE = "traceresponse";
    private static final String BEARER = "bearer ";
    private static final Duration FOR_A_BODY = Duration.ofMinutes(2);
    private static final Duration SOON = Duration.ofSeconds(2);

    private final ActorSystem<?> system;
    private final HttpSettings settings;
    private final Gate gate;
    private final Executor blocking;
    private final Replays replays;
    private final RequestLog log;
    private final Tracing tracing;

    Api(ActorSystem<?> system, HttpSettings settings, Gate gate, Replays replays, RequestLog log) {
        this.log = log;
        this.replays = replays;
        this.system = system;
        this.tracing = Tracing.get(system);
        this.settings = settings;
        this.gate = gate;
        this.blocking = system.dispatchers().lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"));
    }

    /** Routes with an id on every response, and every error in JSON. */
    Route sealed(Supplier<Route> routes) {
        return optionalHeaderValueByName(REQUEST_ID, given -> {
            String id = requestId(given);
            return respondWithHeader(
                    RawHeader.create(REQUEST_ID, id),
                    () -> mapRequest(
                            request -> request.addAttribute(ID, id),
                            () -> handleExceptions(
                                    exceptions(), () -> handleRejections(rejections(), () -> shared(routes)))));
        });
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
                .addHeader(RawHeader.create("access-control-allow-methods", "GET, HEAD, POST, PUT, DELETE"))
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
        if (failure instanceof EntityStreamException) {
            return ApiException.of(
                    ApiException.Kind.INVALID,
                    "body_incomplete",
                    "the connection ended before the body did, or the body broke off");
        }
        if (failure instanceof CancellationException) {
            return ApiException.of(ApiException.Kind.INVALID, "client_gone", "the client is gone");
        }
        if (failure instanceof TransientBrokerException unreachable) {
            return ApiException.of(
                            ApiException.Kind.OVERLOADED,
                            "broker_unavailable",
                            String.valueOf(unreachable.getMessage()))
                    .retryAfter(SOON);
        }
        LOG.error("a request failed", failure);
        return ApiException.of(ApiException.Kind.INTERNAL, "internal_error", "the service failed; its log says why")
                .retryAfter(SOON);
    }

    private RejectionHandler rejections() {
        return RejectionHandler.newBuilder()
                .handleNotFound(extractUnmatchedPath(path -> complete(Replies.error(ApiException.of(
                        ApiException.Kind.NOT_FOUND, "not_found", "there is nothing at this address")))))
                .build();
    }

    /**
     * The route of an operation, for those who may call it. What is not open to all counts against the tenant's limits until the response has been sent, or
     * the client is gone.
     */
    Route admitted(Endpoint endpoint, HttpRequest request, List<String> arguments) {
        if (endpoint.access() == Endpoint.Access.OPEN) {
            Client client = Client.of(request);
            return endpoint.route()
                    .apply(new Endpoint.Call(Tenant.ANYBODY, client, trace(request), tokens -> {}, arguments));
        }
        Tenant tenant = tenant(request.getHeader("authorization").map(HttpHeader::value));
        if (endpoint.access() == Endpoint.Access.OPERATOR && !tenant.operator()) {
            throw ApiException.of(
                    ApiException.Kind.FORBIDDEN,
                    "operators_only",
                    "%s is no operator: this belongs to all tenants".formatted(tenant.name()));
        }
        long began = System.nanoTime();
        String id = request.getAttribute(ID).orElse("");
        TracedWork work = tracing.begin(endpoint.name(), Tracing.Kind.REQUEST, trace(request))
                .with("http.request.method", endpoint.method())
                .with("http.route", endpoint.path())
                .with("kinora.request.id", id)
                .with("kinora.tenant", tenant.name());
        return mapResponse(
                response -> {
                    int status = response.status().intValue();
                    log.answered(id, work.own(), tenant, endpoint, status, Duration.ofNanos(System.nanoTime() - began));
                    work.with("http.response.status_code", status);
                    if (status >= StatusCodes.INTERNAL_SERVER_ERROR.intValue()) {
                        work.failed(Integer.toString(status));
                    }
                    HttpResponse ending = closing(response, work::end);
                    return work.own()
                            .map(own -> ending.addHeader(RawHeader.create(TRACE_RESPONSE, own)))
                            .orElse(ending);
                },
                () -> handleExceptions(
                        exceptions(), () -> entered(endpoint, tenant, Client.of(request), work.trace(), arguments)));
    }

    /** The caller's, if it traces. */
    private static RequestTrace trace(HttpRequest request) {
        TraceContext given = new TraceContext(
                request.getHeader("traceparent").map(HttpHeader::value),
                request.getHeader("tracestate").map(HttpHeader::value),
                Optional.empty());
        return new RequestTrace(given.traceparent(), given.tracestate());
    }

    private Route entered(Endpoint endpoint, Tenant tenant, Client client, RequestTrace trace, List<String> arguments) {
        Gate.Pass pass = gate.enter(tenant);
        Runnable leave = pass::close;
        client.whenGone(leave);
        return respondWithHeaders(
                pass.headers(),
                () -> mapResponse(
                        response -> closing(response, () -> {
                            leave.run();
                            client.forget(leave);
                        }),
                        () -> handleExceptions(
                                exceptions(),
                                () -> handleRejections(rejections(), () -> endpoint.route()
                                        .apply(new Endpoint.Call(tenant, client, trace, pass::spend, arguments))))));
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

    private static HttpResponse closing(HttpResponse response, Runnable leave) {
        if (response.entity().isStrict()) {
            leave.run();
            return response;
        }
        return response.transformEntityDataBytes(Flow.<ByteString>create().watchTermination((ignored, done) -> {
            done.whenComplete((end, failure) -> leave.run());
            return ignored;
        }));
    }

    /** A route that takes JSON. Reading and what follows run where blocking is allowed. */
    Route json(Endpoint.Call call, Function<JsonNode, CompletionStage<HttpResponse>> respond) {
        return extractRequest(request -> extractMaterializer(materializer -> completeWithFuture(request.entity()
                .withSizeLimit(settings.maxBody())
                .toStrict(FOR_A_BODY.toMillis(), materializer)
                .thenComposeAsync(
                        strict -> {
                            byte[] body = strict.getData().toArray();
                            return replays.once(
                                    call.tenant(),
                                    request,
                                    () -> body,
                                    () -> respond.apply(Json.read(ByteBuffer.wrap(body))));
                        },
                        blocking))));
    }

    /** A route that takes {@code multipart/form-data}; the form is closed once there is a response. */
    Route form(Endpoint.Call call, Function<MultipartForm, HttpResponse> respond) {
        return extractRequest(request ->
                completeWithFuture(MultipartForm.read(request.entity().withSizeLimit(settings.maxBody()), system)
                        .thenComposeAsync(
                                form -> {
                                    try (form) {
                                        return replays.once(
                                                call.tenant(),
                                                request,
                                                form::fingerprint,
                                                () -> CompletableFuture.completedFuture(respond.apply(form)));
                                    }
                                },
                                blocking)));
    }

    /** A route whose response is begun where blocking is allowed. */
    Route blockingStage(Supplier<CompletionStage<HttpResponse>> respond) {
        return completeWithFuture(
                CompletableFuture.supplyAsync(respond, blocking).thenCompose(stage -> stage));
    }

    /** A route whose response is made where blocking is allowed. */
    Route blocking(Supplier<HttpResponse> respond) {
        return completeWithFuture(CompletableFuture.supplyAsync(respond, blocking));
    }
}
