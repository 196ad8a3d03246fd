package io.kinora.training.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.training.world.Question;
import io.kinora.training.world.QuestionKind;
import io.kinora.training.world.Questions;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class QaEvaluationTest {
    private static final int CLIPS = 6;

    @Test
    void rightAnswersAreRightWhateverTheirCaseAndFullStop() {
        AtomicInteger asked = new AtomicInteger();
        Answerer sage = (clip, questions) -> {
            int index = asked.getAndIncrement();
            return CompletableFuture.completedFuture(questions.stream()
                    .map(question -> " " + truth(index, question).toUpperCase(Locale.ROOT) + ". ")
                    .toList());
        };
        QaReport report = new QaEvaluation(5, CLIPS).run(sage, done -> {});
        assertThat(report.all().share()).isEqualTo(1);
        assertThat(report.clips()).isEqualTo(CLIPS);
        assertThat(report.mistakes()).isEmpty();
        assertThat(report.kinds().get(QuestionKind.COLOUR).total()).isPositive();
        assertThat(report.phrasings()).containsOnlyKeys(Split.TRAIN, Split.HELD_OUT);
    }

    @Test
    void wrongAnswersAreToldWithWhatWasExpected() {
        QaReport report = new QaEvaluation(5, 1)
                .run(
                        (clip, questions) -> CompletableFuture.completedFuture(
                                questions.stream().map(question -> "42").toList()),
                        done -> {});
        assertThat(report.all().right()).isZero();
        assertThat(report.mistakes()).hasSize(report.all().total());
        assertThat(report.mistakes().get(0).answered()).isEqualTo("42");
    }

    @Test
    void aFailureToAnswerIsAFailureToEvaluate() {
        Answerer broken = (clip, questions) -> CompletableFuture.failedFuture(new IllegalStateException("no model"));
        assertThatThrownBy(() -> new QaEvaluation(5, 1).run(broken, done -> {}))
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("no model");
    }

    private static String truth(int clip, String asked) {
        Split phrasing = clip % 2 == 0 ? Split.TRAIN : Split.HELD_OUT;
        return Questions.about(new World(5).scene(Split.HELD_OUT, clip), phrasing, 5L + clip).stream()
                .filter(question -> question.text().equals(asked))
                .map(Question::answer)
                .findFirst()
                .orElseThrow();
    }
}
