package io.kinora.kafka.dlq;

import io.kinora.kafka.topic.Topic;
import java.time.Instant;
import java.util.Optional;

/**
 * Which dead letters are meant.
 *
 * @param input of one input topic only
 * @param code of one error code only, for example {@code malformed.value}
 * @param since only those that were written from then on
 * @param openOnly whether those that are decided are left out
 * @param limit the newest so many, from 1 to {@value #MOST}
 */
public record LetterFilter(
        Optional<Topic> input, Optional<String> code, Optional<Instant> since, boolean openOnly, int limit) {
    /** The largest list. */
    public static final int MOST = 10_000;

    /** Checks the limit, and that letters of such a topic exist. */
    public LetterFilter {
        input.ifPresent(topic -> {
            if (!topic.isInput()) {
                throw new IllegalArgumentException("%s is no input: it has no dead letters".formatted(topic));
            }
        });
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("limit is %d, allowed are 1 to %d".formatted(limit, MOST));
        }
    }

    /** The newest open letters of all inputs. */
    public static LetterFilter open(int limit) {
        return new LetterFilter(Optional.empty(), Optional.empty(), Optional.empty(), true, limit);
    }

    boolean takes(StoredLetter letter) {
        return (!openOnly || letter.isOpen())
                && code.map(letter.report().letter().code()::equals).orElse(true);
    }
}
