package io.kinora.service.http;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/** Responses in JSON. */
final class Replies {
    private static final int OK = 200;
    private static final double MILLIS = 1000;

    private Replies() {}

    static HttpResponse json(JsonNode node) {
        return json(OK, node);
    }

    private static HttpResponse json(int status, JsonNode node) {
        return HttpResponse.create()
                .withStatus(StatusCodes.get(status))
                .withEntity(ContentTypes.APPLICATION_JSON, Json.write(node));
    }

    /** An error in OpenAI's form. Clients try again by themselves only where that may help. */
    static HttpResponse error(ApiException error) {
        HttpResponse response = json(error.kind().status(), errorBody(error))
                .addHeader(RawHeader.create(
                        "x-should-retry", Boolean.toString(error.retryAfter().isPresent())));
        if (error.retryAfter().isPresent()) {
            Duration wait = error.retryAfter().get();
            response = response.addHeader(
                            RawHeader.create("retry-after", Long.toString((long) Math.ceil(wait.toMillis() / MILLIS))))
                    .addHeader(RawHeader.create("retry-after-ms", Long.toString(wait.toMillis())));
        }
        return response;
    }

    /** The body of an error: always all four keys. */
    static ObjectNode errorBody(ApiException failure) {
        ObjectNode body = Json.MAPPER.createObjectNode();
        ObjectNode error = body.putObject("error");
        error.put("message", failure.message());
        error.put("type", failure.kind().type());
        error.put("param", failure.param().orElse(null));
        error.put("code", failure.code().orElse(null));
        return body;
    }
}
