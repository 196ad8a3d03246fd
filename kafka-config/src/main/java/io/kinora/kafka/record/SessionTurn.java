package io.kinora.kafka.record;

import java.util.Objects;

/**
 * What was asked once in a conversation, and the answer.
 *
 * @param text what was asked
 * @param frames how many frames of its clip the model sees
 * @param answer what was answered; no error
 */
public record SessionTurn(String text, int frames, Answer answer) {
    /** Checks that there is an answer. */
    public SessionTurn {
        Checks.text("text", text, Question.MAX_TEXT_LENGTH);
        if (!Question.ALLOWED_FRAMES.contains(frames)) {
            throw new IllegalArgumentException("frames is %d, allowed are 8, 12 and 16".formatted(frames));
        }
        if (Objects.requireNonNull(answer).error().isPresent()) {
            throw new IllegalArgumentException("answer of a turn is an error: " + answer.error());
        }
    }

    /** What it looked at. */
    public AnsweredClip clip() {
        return answer.clip().orElseThrow();
    }

    SessionTurn withoutLogprobs() {
        return new SessionTurn(text, frames, answer.withoutLogprobs());
    }
}
