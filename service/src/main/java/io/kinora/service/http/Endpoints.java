package io.kinora.service.http;

import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the operation that a request means. */
final class Endpoints extends AllDirectives {
    private static final String GET = "GET";

    private final Api api;
    private final List<Endpoint> all;

    Endpoints(Api api, PublicEndpoints open, OpenAiEndpoints openAi, ClusterEndpoints cluster) {
        this.api = api;
        this.all = Stream.of(open.all(), openAi.all(), cluster.all())
                .flatMap(List::stream)
                .toList();
    }

    /** Every operation. */
    List<Endpoint> all() {
        return all;
    }

    Route route() {
        return api.sealed(() -> extractRequest(this::dispatch));
    }

    private Route dispatch(HttpRequest request) {
        String path = request.getUri().path();
        String address = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        Map<Endpoint, List<String>> here = new LinkedHashMap<>();
        all.forEach(endpoint -> endpoint.match(address).ifPresent(arguments -> here.put(endpoint, arguments)));
        if (here.isEmpty()) {
            throw ApiException.of(ApiException.Kind.NOT_FOUND, "not_found", "there is nothing at this address");
        }
        boolean head = request.method().equals(HttpMethods.HEAD);
        String method = head ? GET : request.method().name();
        Optional<Endpoint> meant = here.keySet().stream()
                .filter(endpoint -> endpoint.method().equals(method))
                .findFirst();
        if (meant.isEmpty()) {
            return complete(notAllowed(methods(here.keySet())));
        }
        Route route = api.admitted(meant.get(), request, here.get(meant.get()));
        return head ? asGet(route) : route;
    }

    /** A HEAD is answered as a GET of everything, ranges being for GET alone; the server leaves the body out. */
    private Route asGet(Route route) {
        return mapRequest(
                head -> head.withMethod(HttpMethods.GET).removeHeader("range"),
                () -> mapResponse(HeadLength::kept, () -> route));
    }

    private static String methods(Set<Endpoint> here) {
        return here.stream()
                .map(Endpoint::method)
                .flatMap(method -> method.equals(GET) ? Stream.of(GET, "HEAD") : Stream.of(method))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static HttpResponse notAllowed(String methods) {
        ApiException error = ApiException.of(
                ApiException.Kind.METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this address takes %s only".formatted(methods));
        return Replies.error(error).addHeader(RawHeader.create("allow", methods));
    }
}
