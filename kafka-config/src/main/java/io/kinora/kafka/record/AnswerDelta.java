package io.kinora.kafka.record;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A piece of an answer while it is written. The texts of a request's deltas, in the order of {@code index} and each
 * index once, are the final answer's text.
 *
 * @param requestId the question's id, and the record's key
 * @param index from 0, without gaps
 * @param text the next piece; empty only in the last delta
 * @param logprobs where they were asked for: the tokens of this piece, and those before it that had no text of their own
 * @param finishReason present in the last delta
 */
public record AnswerDelta(
        String requestId,
        int index,
        String text,
        Optional<List<TokenLogprob>> logprobs,
        Optional<FinishReason> finishReason) {
    public AnswerDelta {
        Checks.id("requestId", requestId);
        Checks.notNegative("index", index);
        logprobs = logprobs.map(List::copyOf);
        Objects.requireNonNull(finishReason);
        if (text.isEmpty() && finishReason.isEmpty()) {
            throw new IllegalArgumentException("text is empty in delta %d, which is not the last".formatted(index));
        }
    }
}
