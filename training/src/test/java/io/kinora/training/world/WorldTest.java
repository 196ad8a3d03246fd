package io.kinora.training.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorldTest {
    private final World world = new World(7);

    @Test
    void theSameSeedSplitAndIndexGiveTheSameScene() {
        for (int i = 0; i < 50; i++) {
            assertThat(new World(7).scene(Split.TRAIN, i)).isEqualTo(world.scene(Split.TRAIN, i));
        }
        assertThat(new World(8).scene(Split.TRAIN, 0)).isNotEqualTo(world.scene(Split.TRAIN, 0));
        assertThat(world.scene(Split.TRAIN, 1)).isNotEqualTo(world.scene(Split.TRAIN, 0));
    }

    @Test
    void noTrainingSceneShowsWhatIsHeldOutAndEveryHeldOutSceneDoes() {
        for (int i = 0; i < 1000; i++) {
            assertThat(Holdout.reserves(world.scene(Split.TRAIN, i))).isFalse();
            assertThat(Holdout.reserves(world.scene(Split.HELD_OUT, i))).isTrue();
            assertThat(Holdout.reserves(
                            new ScenePrompts(world).prompt(Split.TRAIN, i).scene()))
                    .isFalse();
            assertThat(Holdout.reserves(
                            new ScenePrompts(world).prompt(Split.HELD_OUT, i).scene()))
                    .isTrue();
        }
    }

    @Test
    void everyPairOfAttributesIsTrainedOn() {
        Set<Set<Object>> pairs = new HashSet<>();
        for (int i = 0; i < 4000; i++) {
            for (Sprite sprite : world.scene(Split.TRAIN, i).sprites()) {
                pairs.add(Set.of(sprite.colour(), sprite.shape()));
                sprite.motions().forEach(motion -> {
                    pairs.add(Set.of(sprite.colour(), motion));
                    pairs.add(Set.of(sprite.shape(), motion));
                });
            }
        }
        // 8 colours, 5 shapes, 14 motions, and circles do not spin.
        assertThat(pairs).hasSize(8 * 5 + 8 * 14 + 5 * 14 - 1);
    }

    @Test
    void everyKindOfQuestionIsAskedAndNoneTwoWaysAtOnce() {
        EnumSet<QuestionKind> kinds = EnumSet.noneOf(QuestionKind.class);
        for (int i = 0; i < 300; i++) {
            List<Question> questions = Questions.about(world.scene(Split.HELD_OUT, i), Split.HELD_OUT, i);
            questions.forEach(question -> kinds.add(question.kind()));
            questions.forEach(question -> assertThat(question.text())
                    .doesNotContain("{")
                    .endsWith(question.text().startsWith("T") && question.text().endsWith(".") ? "." : "?"));
            for (Question one : questions) {
                assertThat(questions.stream()
                                .filter(other -> other.text().equals(one.text()))
                                .map(Question::answer)
                                .distinct())
                        .hasSize(1);
            }
        }
        assertThat(kinds).isEqualTo(EnumSet.allOf(QuestionKind.class));
    }
}
