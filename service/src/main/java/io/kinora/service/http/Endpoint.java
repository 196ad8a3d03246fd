package io.kinora.service.http;

import akka.http.javadsl.server.Route;
import io.kinora.actors.trace.RequestTrace;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * One operation of the API. What the OpenAPI document says of methods and addresses is compared with these.
 *
 * @param method {@code GET}, which stands for {@code HEAD} as well, {@code POST} …
 * @param path the address, its parameters in braces, each a whole segment
 * @param access who may call it
 * @param route what it does
 */
record Endpoint(String method, String path, Access access, Function<Call, Route> route) {
    /** Who may call something. */
    enum Access {
        /** Anybody, without a key. */
        OPEN,
        /** Tenants, about what is theirs. */
        TENANT,
        /** Tenants who may see and change what belongs to all: streams, standing questions, dead letters. */
        OPERATOR
    }

    /**
     * A request of an operation.
     *
     * @param trace that what is done for it belongs to
     * @param spend hears of the tokens that it took
     * @param arguments the parameters of the address, in their order
     */
    record Call(Tenant tenant, Client client, RequestTrace trace, IntConsumer spend, List<String> arguments) {
        /** Takes a copy. */
        Call {
            arguments = List.copyOf(arguments);
        }

        /** The first parameter of the address. */
        String id() {
            return arguments.get(0);
        }
    }

    /** What logs, metrics and traces call it. */
    String name() {
        return method + " " + path;
    }

    static Endpoint open(String path, Function<Call, Route> route) {
        return new Endpoint("GET", path, Access.OPEN, route);
    }

    static Endpoint tenant(String method, String path, Function<Call, Route> route) {
        return new Endpoint(method, path, Access.TENANT, route);
    }

    static Endpoint operator(String method, String path, Function<Call, Route> route) {
        return new Endpoint(method, path, Access.OPERATOR, route);
    }

    /** The arguments that an address gives to the parameters; empty if it is another address. */
    Optional<List<String>> match(String address) {
        String[] mine = path.split("/", -1);
        String[] asked = address.split("/", -1);
        if (mine.length != asked.length) {
            return Optional.empty();
        }
        List<String> arguments = new ArrayList<>();
        for (int i = 0; i < mine.length; i++) {
            if (mine[i].startsWith("{") && !asked[i].isEmpty()) {
                arguments.add(decoded(asked[i]));
            } else if (!mine[i].equals(asked[i])) {
                return Optional.empty();
            }
        }
        return Optional.of(arguments);
    }

    private static String decoded(String segment) {
        return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
