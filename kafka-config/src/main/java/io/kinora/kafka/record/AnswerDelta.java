package io.kinora.kafka.record;

import java.util.Objects;
import java.util.Optional;

/**
 * A piece of an answer while it is written. The texts of a request's deltas, in the order of {@code index} and each
 * index once, are the final answer's text.
 *
 * @param requestId the question's id, and the record's key
 * @param index from 0, without gaps
 * @param text the next piece; empty only in the last delta
 * @param finishReason present in the last delta
 */
public record AnswerDelta(String requestId, int index, String text, Optional<FinishReason> finishReason) {
    public AnswerDelta {
        Checks.id("requestId", requestId);
        Checks.notNegative("index", index);
        Objects.requireNonNull(finishReason);
        if (text.isEmpty() && finishReason.isEmpty()) {
            throw new IllegalArgumentException("text is empty in delta %d, which is not the last".formatted(index));
        }
    }
}
