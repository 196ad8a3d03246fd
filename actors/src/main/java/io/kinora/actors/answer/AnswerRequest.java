package io.kinora.actors.answer;

import io.kinora.actors.shard.TextOptions;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A question, about clips and pictures as a rule.
 *
 * @param id chosen by the asker, unique among the questions that are being answered
 * @param conversation what is to be answered, and what came before it
 * @param options of the answer
 * @param priority higher is served first
 * @param deadline when the answer is no longer wanted
 */
public record AnswerRequest(
        String id, Conversation conversation, TextOptions options, int priority, Optional<Instant> deadline) {
    /** Checks that nothing is missing. */
    public AnswerRequest {
        Objects.requireNonNull(id);
        Objects.requireNonNull(conversation);
        Objects.requireNonNull(options);
    }
}
