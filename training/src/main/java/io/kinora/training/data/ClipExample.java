package io.kinora.training.data;

import io.kinora.video.RgbFrame;
import java.util.List;

/**
 * A clip as the encoder sees it, and what is asked about it.
 *
 * @param frames in the encoder's size
 * @param questions with their answers
 * @param motions what is known of the shapes in it; nothing where only its pixels are known
 */
public record ClipExample(List<RgbFrame> frames, List<QuestionAnswer> questions, List<MotionLabels.Label> motions) {
    /**
     * A question and its right answer.
     *
     * @param question as a user asks it
     * @param answer as the model is to answer
     */
    public record QuestionAnswer(String question, String answer) {}

    /** A clip of whose motions nothing is known. */
    public ClipExample(List<RgbFrame> frames, List<QuestionAnswer> questions) {
        this(frames, questions, List.of());
    }

    /** Copies the lists. */
    public ClipExample {
        frames = List.copyOf(frames);
        questions = List.copyOf(questions);
        motions = List.copyOf(motions);
    }
}
