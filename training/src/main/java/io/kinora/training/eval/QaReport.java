package io.kinora.training.eval;

import io.kinora.training.world.QuestionKind;
import io.kinora.training.world.Split;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How well questions were answered.
 *
 * @param clips clips asked about
 * @param kinds exact matches by the kind of the question
 * @param phrasings exact matches by whether the sentence's form was trained on
 * @param mistakes the first wrong answers
 */
public record QaReport(int clips, Map<QuestionKind, Score> kinds, Map<Split, Score> phrasings, List<Mistake> mistakes) {
    /**
     * A wrong answer.
     *
     * @param clip index of the clip's scene
     * @param question as asked
     * @param expected the right answer
     * @param answered what came
     */
    public record Mistake(long clip, String question, String expected, String answered) {}

    public QaReport {
        kinds = Collections.unmodifiableMap(new EnumMap<>(kinds));
        phrasings = Collections.unmodifiableMap(new EnumMap<>(phrasings));
        mistakes = List.copyOf(mistakes);
    }

    /** Over all kinds. */
    public Score all() {
        return kinds.values().stream().reduce(Score.NONE, Score::plus);
    }
}
