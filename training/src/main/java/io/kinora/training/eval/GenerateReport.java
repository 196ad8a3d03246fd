package io.kinora.training.eval;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How well clips show what their prompts say.
 *
 * @param judged attributes found by the image judge
 * @param answered attributes told by the model when it is asked about its own clip
 * @param complete clips in which the image judge found all attributes
 * @param clips each clip
 */
public record GenerateReport(
        Map<Attribute, Score> judged, Map<Attribute, Score> answered, Score complete, List<Made> clips) {
    /** What a prompt says of its shape. */
    public enum Attribute {
        COLOUR,
        SHAPE,
        MOTION;

        /** As {@code colour}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One clip.
     *
     * @param prompt what was asked for
     * @param wanted the attributes, in words
     * @param seen what the image judge saw, in words; empty if it saw nothing
     * @param answers what the model said of its own clip: colour, shape, motion
     * @param shown whether the image judge saw all that was asked for
     */
    public record Made(String prompt, String wanted, String seen, List<String> answers, boolean shown) {
        /** Copies the list. */
        public Made {
            answers = List.copyOf(answers);
        }
    }

    public GenerateReport {
        judged = Collections.unmodifiableMap(new EnumMap<>(judged));
        answered = Collections.unmodifiableMap(new EnumMap<>(answered));
        clips = List.copyOf(clips);
    }
}
