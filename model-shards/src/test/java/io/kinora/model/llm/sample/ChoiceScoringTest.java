package io.kinora.model.llm.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChoiceScoringTest {
    private static final int END = 0;

    @Test
    void choicesOfOneTokenAreComparedByTheirScoresAlone() {
        ChoiceScoring choices = new ChoiceScoring(List.of(List.of(1), List.of(2)), END);

        List<Double> probabilities =
                choices.probabilities(new float[] {9, 0, (float) Math.log(3)}, List.of(List.of(), List.of()));

        assertThat(choices.feed(0)).isEmpty();
        assertThat(probabilities.get(0)).isCloseTo(0.25, within(1e-7));
        assertThat(probabilities.get(1)).isCloseTo(0.75, within(1e-7));
    }

    @Test
    void choicesOfSeveralTokensMultiplyTheirProbabilities() {
        ChoiceScoring choices = new ChoiceScoring(List.of(List.of(1, 2), List.of(2)), END);
        float[] even = {0, 0, 0};

        List<Double> probabilities = choices.probabilities(even, List.of(List.of(even), List.of()));

        assertThat(choices.feed(0)).containsExactly(1);
        assertThat(probabilities.get(0)).isCloseTo(0.25, within(1e-7));
    }

    @Test
    void whereOneChoiceBeginsAnotherBothAreScoredWithTheirEnd() {
        ChoiceScoring choices = new ChoiceScoring(List.of(List.of(1), List.of(1, 2)), END);
        float[] even = {0, 0, 0};
        float[] ends = {20, 0, 0};
        float[] goesOn = {0, 0, 20};

        assertThat(choices.feed(0)).containsExactly(1);
        assertThat(choices.feed(1)).containsExactly(1, 2);
        assertThat(choices.probabilities(even, List.of(List.of(goesOn), List.of(goesOn, ends)))
                        .get(1))
                .isCloseTo(1, within(1e-6));
        assertThat(choices.probabilities(even, List.of(List.of(ends), List.of(ends, ends)))
                        .get(0))
                .isCloseTo(1, within(1e-6));
    }

    @Test
    void choicesThatCannotBeToldApartAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ChoiceScoring(List.of(List.of(1)), END));
        assertThatIllegalArgumentException().isThrownBy(() -> new ChoiceScoring(List.of(List.of(1), List.of()), END));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ChoiceScoring(List.of(List.of(1), List.of(1)), END))
                .withMessageContaining("twice");
    }
}
