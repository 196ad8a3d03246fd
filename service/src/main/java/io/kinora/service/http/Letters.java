package io.kinora.service.http;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import akka.util.ByteString;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.clip.ClipGoneException;
import io.kinora.kafka.dlq.DeadLetters;
import io.kinora.kafka.dlq.LetterFilter;
import io.kinora.kafka.dlq.LetterRefusedException;
import io.kinora.kafka.dlq.StoredLetter;
import io.kinora.kafka.record.ClipReference;
import io.kinora.service.LetterFacts;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** {@code /v1/dead-letters}: records that could not be processed, and what is decided about them. Blocks. Thread-safe. */
final class Letters {
    private static final int DEFAULT_LIMIT = 50;
    private static final int LARGEST_LIMIT = 1000;

    private final DeadLetters letters;

    Letters(DeadLetters letters) {
        this.letters = letters;
    }

    /** The newest first; those that are decided only where they are asked for. */
    HttpResponse list(Optional<String> code, Optional<String> limit, Optional<String> decided) {
        LetterFilter filter = new LetterFilter(
                Optional.empty(),
                code,
                Optional.empty(),
                !decided.orElse("false").equals("true"),
                QueryNumber.read("limit", limit, DEFAULT_LIMIT, 1, LARGEST_LIMIT));
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        letters.list(filter).forEach(letter -> data.add(describe(letter)));
        return Replies.json(list);
    }

    HttpResponse get(List<String> place) {
        return at(place, reference -> Replies.json(describe(letters.find(reference))));
    }

    /** The record's bytes, untouched. */
    HttpResponse value(List<String> place) {
        return at(place, reference -> {
            Optional<byte[]> value = letters.value(reference);
            return HttpResponse.create()
                    .addHeader(RawHeader.create("x-content-type-options", "nosniff"))
                    .addHeader(RawHeader.create("content-disposition", "attachment"))
                    .withEntity(HttpEntities.create(
                            ContentTypes.APPLICATION_OCTET_STREAM,
                            value.map(ByteString::fromArray).orElseGet(ByteString::emptyByteString)));
        });
    }

    /** Sends the record back to where it came from, once. */
    HttpResponse redrive(List<String> place) {
        return at(place, reference -> {
            letters.redrive(reference);
            return Replies.json(describe(letters.find(reference)));
        });
    }

    /** Decides that nothing is to be done about it. */
    HttpResponse drop(List<String> place) {
        return at(place, reference -> {
            letters.drop(reference);
            return Replies.json(describe(letters.find(reference)));
        });
    }

    private static HttpResponse at(List<String> place, Function<ClipReference, HttpResponse> act) {
        try {
            return act.apply(ClipReference.parse("kafka://" + String.join("/", place)));
        } catch (LetterRefusedException e) {
            throw ApiException.of(ApiException.Kind.UNPROCESSABLE, "letter_refused", String.valueOf(e.getMessage()));
        } catch (ClipGoneException | MalformedRecordException | IllegalArgumentException e) {
            throw ApiException.of(ApiException.Kind.NOT_FOUND, "letter_not_found", String.valueOf(e.getMessage()));
        }
    }

    private static ObjectNode describe(StoredLetter letter) {
        ObjectNode described = Json.MAPPER.createObjectNode().put("object", "dead_letter");
        LetterFacts.of(letter).forEach(described::putPOJO);
        return described;
    }
}
