package io.kinora.service.http;

import akka.http.javadsl.model.HttpResponse;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.record.Question;
import io.kinora.kafka.record.Session;
import io.kinora.kafka.record.WireJson;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** {@code /v1/sessions}: conversations about clips that lie on the topics, in the JSON of those. Blocks while it writes. */
final class Conversations {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration SOON = Duration.ofSeconds(5);

    private final SessionBook book;
    private final Clock clock;

    Conversations(SessionBook book, Clock clock) {
        this.book = book;
        this.clock = clock;
    }

    /** All of them, without what was said. */
    HttpResponse list() {
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        book.all().stream()
                .filter(session -> !session.isExpired(clock.instant()))
                .forEach(session -> data.addObject()
                        .put("id", session.id())
                        .put("object", "session")
                        .put("length", session.length())
                        .put("createdAt", session.createdAt().toString())
                        .put("updatedAt", session.updatedAt().toString())
                        .put("expiresAt", session.expiresAt().toString()));
        return Replies.json(list);
    }

    HttpResponse get(String id) {
        return Replies.json(Json.of(find(id)).put("object", "session"));
    }

    /** Asks a question in a session, which begins with it if it is not there, and waits for the answer. */
    CompletionStage<HttpResponse> ask(String id, JsonNode body) {
        Question question = read(id, body);
        return book.ask(question, id, PATIENCE)
                .thenApply(answer -> Replies.json(Json.of(answer).put("object", "answer")))
                .exceptionally(failure -> {
                    if (failure instanceof TimeoutException || failure.getCause() instanceof TimeoutException) {
                        throw ApiException.of(
                                        ApiException.Kind.OVERLOADED,
                                        "overloaded",
                                        "question %s is not answered yet: ask again with its id"
                                                .formatted(question.id()))
                                .retryAfter(SOON);
                    }
                    throw failure instanceof CompletionException known ? known : new CompletionException(failure);
                });
    }

    CompletionStage<HttpResponse> delete(String id) {
        return book.forget(find(id).id())
                .thenApply(gone -> Replies.json(Json.MAPPER
                        .createObjectNode()
                        .put("id", id)
                        .put("object", "session.deleted")
                        .put("deleted", true)));
    }

    private Session find(String id) {
        return book.find(id)
                .filter(session -> !session.isExpired(clock.instant()))
                .orElseThrow(() -> ApiException.of(
                        ApiException.Kind.NOT_FOUND, "session_not_found", "there is no session '%s'".formatted(id)));
    }

    private static Question read(String id, JsonNode body) {
        try {
            Question question = WireJson.read(Json.write(body).getBytes(StandardCharsets.UTF_8), Question.Body.class)
                    .inSession(Optional.of(id))
                    .resolve("http-" + UUID.randomUUID(), Optional.empty());
            if (!question.session().equals(Optional.of(id))) {
                throw ApiException.invalid(
                        "session",
                        "session is '%s', the address says '%s'"
                                .formatted(question.session().orElseThrow(), id));
            }
            return question;
        } catch (MalformedRecordException e) {
            throw ApiException.of(ApiException.Kind.INVALID, "invalid_value", String.valueOf(e.getMessage()));
        }
    }
}
