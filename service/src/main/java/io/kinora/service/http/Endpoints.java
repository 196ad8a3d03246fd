package io.kinora.service.http;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the operation that a request means. */
final class Endpoints extends AllDirectives {
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
        Optional<Endpoint> meant = here.keySet().stream()
                .filter(endpoint -> endpoint.method().equals(request.method().name()))
                .findFirst();
        if (meant.isEmpty()) {
            return complete(notAllowed(
                    here.keySet().stream().map(Endpoint::method).distinct().collect(Collectors.joining(", "))));
        }
        return api.admitted(meant.get(), request, here.get(meant.get()));
    }

    private static HttpResponse notAllowed(String methods) {
        ApiException error = ApiException.of(
                ApiException.Kind.METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this address takes %s only".formatted(methods));
        return Replies.error(error).addHeader(RawHeader.create("allow", methods));
    }
}
