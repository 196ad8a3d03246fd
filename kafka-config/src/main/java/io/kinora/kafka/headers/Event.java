package io.kinora.kafka.headers;

import io.kinora.kafka.record.ClipReference;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A wire record as it was read, with what its Kafka record said around it.
 *
 * @param body the wire record
 * @param place where the Kafka record lies; a clip's place is its reference
 * @param key the Kafka record's key
 * @param timestamp the Kafka record's timestamp
 * @param attributes of the CloudEvent, if it was one
 * @param trace to be passed on to what is written because of it
 */
public record Event<T>(
        T body,
        ClipReference place,
        Optional<String> key,
        Instant timestamp,
        Optional<EventAttributes> attributes,
        TraceContext trace) {
    public Event {
        Objects.requireNonNull(body);
        Objects.requireNonNull(place);
        Objects.requireNonNull(key);
        Objects.requireNonNull(timestamp);
        Objects.requireNonNull(attributes);
        Objects.requireNonNull(trace);
    }
}
