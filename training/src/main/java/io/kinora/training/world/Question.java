package io.kinora.training.world;

/**
 * A question about a clip and its one right answer.
 *
 * @param kind what it is about
 * @param text as {@code What colour is the circle?}
 * @param answer as {@code red}, in lower case, without a full stop
 */
public record Question(QuestionKind kind, String text, String answer) {
    public Question {
        if (text.isBlank() || answer.isBlank()) {
            throw new IllegalArgumentException(
                    "a question has a text and an answer, got '%s' and '%s'".formatted(text, answer));
        }
    }
}
