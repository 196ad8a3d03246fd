package io.kinora.kafka.dlq;

import io.kinora.kafka.headers.DeadLetterReport;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.LetterDecision;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A dead letter on its topic, without its value.
 *
 * @param place on the dead-letter topic; names it in every call
 * @param at when it was written there
 * @param key of the record
 * @param size of the record's value in bytes; 0 for a tombstone
 * @param report where the record came from, and why it is here
 * @param redrives how often the record had been sent back before it came here
 * @param decision what was decided about it; empty while it is open
 */
public record StoredLetter(
        ClipReference place,
        Instant at,
        Optional<String> key,
        int size,
        DeadLetterReport report,
        int redrives,
        Optional<LetterDecision> decision) {
    /** Nothing is missing. */
    public StoredLetter {
        Objects.requireNonNull(place);
        Objects.requireNonNull(at);
        Objects.requireNonNull(key);
        Objects.requireNonNull(report);
        Objects.requireNonNull(decision);
    }

    /** Whether nothing has been decided about it. */
    public boolean isOpen() {
        return decision.isEmpty();
    }

    StoredLetter decided(Optional<LetterDecision> known) {
        return new StoredLetter(place, at, key, size, report, redrives, known);
    }
}
