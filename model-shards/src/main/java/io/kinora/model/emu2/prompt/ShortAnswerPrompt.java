package io.kinora.model.emu2.prompt;

import io.kinora.model.emu2.prompt.PromptPart.Image;
import io.kinora.model.emu2.prompt.PromptPart.Text;
import java.util.ArrayList;
import java.util.List;

/**
 * The base model's prompts for answers of one word or phrase, as the paper evaluates it (supplementary, part E): without
 * examples, or after solved ones.
 */
public final class ShortAnswerPrompt {
    /** A solved example. */
    public record Example(Picture picture, String question, String answer) {}

    private ShortAnswerPrompt() {}

    /** A question about a picture, to be continued with the answer. */
    public static List<PromptPart> zeroShot(Picture picture, String question) {
        return List.of(
                new Image(picture),
                new Text("based on the picture, answer in one word or phrase. " + question + " short answer:"));
    }

    /** A question about a picture after examples of the same task. */
    public static List<PromptPart> fewShot(List<Example> examples, Picture picture, String question) {
        List<PromptPart> parts = new ArrayList<>();
        for (Example example : examples) {
            parts.add(new Image(example.picture()));
            parts.add(new Text(asked(example.question()) + " " + example.answer() + ". "));
        }
        parts.add(new Image(picture));
        parts.add(new Text(asked(question)));
        return List.copyOf(parts);
    }

    private static String asked(String question) {
        return "based on the picture, " + question + " short answer:";
    }
}
