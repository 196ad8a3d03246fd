package io.kinora.training.world;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordsTest {
    @TempDir
    Path folder;

    @Test
    void answersTakeOneTokenAWordAndQuestionsFewMore() throws IOException {
        ShapesTokenizer.writeTo(folder);
        Tokenizer tokenizer = Tokenizers.open(folder);
        World world = new World(5);
        for (int i = 0; i < 200; i++) {
            for (Question question : Questions.about(world.scene(Split.TRAIN, i), Split.TRAIN, i)) {
                // A comma is a token of its own, and "light" takes two.
                int more = question.answer().split(",|light", -1).length - 1;
                assertThat(tokenizer.encode(question.answer()))
                        .as(question.answer())
                        .hasSizeLessThanOrEqualTo(words(question.answer()) + more);
                assertThat(tokenizer.encode(question.text()))
                        .as(question.text())
                        .hasSizeLessThanOrEqualTo(2 * words(question.text()) + 3);
            }
        }
    }

    private static int words(String text) {
        return text.split(" ", -1).length;
    }
}
