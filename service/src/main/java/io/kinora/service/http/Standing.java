package io.kinora.service.http;

import akka.http.javadsl.model.HttpResponse;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.WireJson;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/** {@code /v1/subscriptions}: the questions that stand, in the JSON of their topic. Blocks. */
final class Standing {
    private static final int ID_DIGITS = 12;

    private final StandingBook book;
    private final Clock clock;

    Standing(StandingBook book, Clock clock) {
        this.book = book;
        this.clock = clock;
    }

    HttpResponse list() {
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        book.all().forEach(subscription -> data.add(describe(subscription)));
        return Replies.json(list);
    }

    HttpResponse get(String id) {
        return Replies.json(describe(find(id)));
    }

    /** A new one; one of its id is not changed. */
    HttpResponse create(JsonNode body) {
        String fresh = "sub-" + UUID.randomUUID().toString().replace("-", "").substring(0, ID_DIGITS);
        Subscription subscription = read(body, body.path("id").isTextual() ? Optional.empty() : Optional.of(fresh));
        if (book.find(subscription.id()).isPresent()) {
            throw ApiException.of(
                            ApiException.Kind.INVALID,
                            "subscription_exists",
                            "%s stands already; PUT changes it".formatted(subscription.id()))
                    .about("id");
        }
        return put(subscription);
    }

    /** Creates one, or changes the one of that id. It goes on asking from where it was. */
    HttpResponse replace(String id, JsonNode body) {
        return put(read(body, Optional.of(id)));
    }

    HttpResponse pause(String id) {
        return put(find(id).withState(Subscription.State.PAUSED));
    }

    HttpResponse resume(String id) {
        return put(find(id).withState(Subscription.State.ACTIVE));
    }

    HttpResponse delete(String id) {
        book.delete(find(id).id());
        return Replies.json(Json.MAPPER
                .createObjectNode()
                .put("id", id)
                .put("object", "subscription.deleted")
                .put("deleted", true));
    }

    private HttpResponse put(Subscription subscription) {
        book.put(subscription);
        return Replies.json(describe(subscription));
    }

    private Subscription find(String id) {
        return book.find(id)
                .orElseThrow(() -> ApiException.of(
                        ApiException.Kind.NOT_FOUND,
                        "subscription_not_found",
                        "no question '%s' stands".formatted(id)));
    }

    /** Without a time it asks about the clips that come from now on. */
    private Subscription read(JsonNode body, Optional<String> id) {
        try {
            Subscription read = WireJson.read(
                            Json.write(body).getBytes(StandardCharsets.UTF_8), Subscription.Body.class)
                    .resolve(id);
            return read.since().isPresent()
                    ? read
                    : read.withSince(
                            book.find(read.id()).flatMap(Subscription::since).orElseGet(clock::instant));
        } catch (MalformedRecordException e) {
            throw ApiException.of(ApiException.Kind.INVALID, "invalid_value", String.valueOf(e.getMessage()));
        }
    }

    private static ObjectNode describe(Subscription subscription) {
        return Json.of(subscription).put("object", "subscription");
    }
}
