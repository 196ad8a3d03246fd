package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What was decided about a dead letter: the record's key is the letter's place.
 *
 * @param letter the dead letter's place
 * @param action what was done with it
 * @param at when
 * @param to where its copy came to lie; present exactly when it was redriven
 */
public record LetterDecision(ClipReference letter, Action action, Instant at, Optional<ClipReference> to) {
    /** What can be done with a dead letter. */
    public enum Action {
        /** It was sent back to where it came from. */
        @JsonProperty("redriven")
        REDRIVEN,
        /** It needs nothing any more. */
        @JsonProperty("dropped")
        DROPPED
    }

    /** Checks what is there. */
    public LetterDecision {
        Objects.requireNonNull(letter);
        Objects.requireNonNull(action);
        Objects.requireNonNull(at);
        if ((action == Action.REDRIVEN) != to.isPresent()) {
            throw new IllegalArgumentException("action is %s, but to is %s: they go together".formatted(action, to));
        }
    }
}
