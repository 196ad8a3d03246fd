package io.kinora.training.data;

import io.kinora.video.RgbFrame;
import java.util.List;

/**
 * A clip as the encoder sees it, and what is asked about it.
 *
 * @param frames in the encoder's size
 * @param questions with their answers
 */
public record ClipExample(List<RgbFrame> frames, List<QuestionAnswer> questions) {
    /**
     * A question and its right answer.
     *
     * @param question as a user asks it
     * @param answer as the model is to answer
     */
    public record QuestionAnswer(String question, String answer) {}

    /** Copies the lists. */
    public ClipExample {
        frames = List.copyOf(frames);
        questions = List.copyOf(questions);
    }
}
