package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A standing question's answers have reached their threshold, or are below it again.
 *
 * @param id the same for an alert and for its end, and again when it is computed again
 * @param kind which of the two
 * @param subscription whose alert it is
 * @param stream where it happens, and the record's key
 * @param choice whose probability counts
 * @param probability of the choice, in the clip that decided
 * @param since the time of the first clip in a row that reached the threshold
 * @param at the time of the clip that decided
 * @param answerId the answer about that clip
 * @param clip that clip, with the times of the frames that were looked at
 * @param thumbnail of that clip, as a {@code data:} address; absent where none could be made
 */
public record Alert(
        String id,
        Kind kind,
        AnsweredSubscription subscription,
        String stream,
        String choice,
        double probability,
        Instant since,
        Instant at,
        String answerId,
        AnsweredClip clip,
        Optional<String> thumbnail) {
    /** What has happened. */
    public enum Kind {
        /** The threshold was reached, for as long as the rule wants. */
        @JsonProperty("raised")
        RAISED,
        /** The probability fell below what the rule wants of an alert that goes on. */
        @JsonProperty("ended")
        ENDED
    }

    /** Checks ids and probability. */
    public Alert {
        Checks.id("id", id);
        Objects.requireNonNull(kind);
        Objects.requireNonNull(subscription);
        Checks.id("stream", stream);
        Checks.text("choice", choice, AnswerSettings.MAX_CHOICE_LENGTH);
        Checks.range("probability", probability, 0, 1);
        Objects.requireNonNull(since);
        Objects.requireNonNull(at);
        Checks.id("answerId", answerId);
        Objects.requireNonNull(clip);
    }
}
