package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A conversation about clips, as it is kept; the topic of sessions is compacted, so the last record of a key is the session.
 *
 * @param id the session, and the record's key
 * @param turns what was asked and answered, oldest first, at most {@value #MOST_TURNS}; of all but the newest without logarithms of probabilities
 * @param dropped turns before the first of these, which are kept no more
 * @param createdAt when it began
 * @param updatedAt when its newest turn was answered
 * @param expiresAt when it is forgotten, if nothing is asked in it until then
 */
public record Session(
        String id, List<SessionTurn> turns, int dropped, Instant createdAt, Instant updatedAt, Instant expiresAt) {
    /** Turns that are kept. A language model's context is full long before. */
    public static final int MOST_TURNS = 32;

    /** Checks and copies. */
    public Session {
        Checks.id("id", id);
        turns = List.copyOf(turns);
        if (turns.isEmpty() || turns.size() > MOST_TURNS) {
            throw new IllegalArgumentException(
                    "turns has %d elements, allowed are 1 to %d".formatted(turns.size(), MOST_TURNS));
        }
        Checks.notNegative("dropped", dropped);
        Objects.requireNonNull(createdAt);
        Objects.requireNonNull(updatedAt);
        Objects.requireNonNull(expiresAt);
    }

    /** A session with its first turn. */
    public static Session begin(String id, SessionTurn first, Instant now, Duration keep) {
        return new Session(id, List.of(first), 0, now, now, now.plus(keep));
    }

    /** With one more turn; the oldest goes where there are too many. */
    public Session followedBy(SessionTurn next, Instant now, Duration keep) {
        List<SessionTurn> all = new ArrayList<>();
        turns.forEach(turn -> all.add(turn.withoutLogprobs()));
        all.add(next);
        int tooMany = Math.max(0, all.size() - MOST_TURNS);
        return new Session(id, all.subList(tooMany, all.size()), dropped + tooMany, createdAt, now, now.plus(keep));
    }

    /** The answer to a question that was asked here, as far as it is kept. */
    public Optional<Answer> answerTo(String questionId) {
        return turns.stream()
                .map(SessionTurn::answer)
                .filter(answer -> answer.questionId().equals(questionId))
                .findFirst();
    }

    /** The newest turn. */
    @JsonIgnore
    public SessionTurn newest() {
        return turns.get(turns.size() - 1);
    }

    /** How many turns there were, those that are dropped counted. */
    @JsonIgnore
    public int length() {
        return dropped + turns.size();
    }

    /** Whether it is forgotten by then. */
    public boolean isExpired(Instant now) {
        return !now.isBefore(expiresAt);
    }
}
