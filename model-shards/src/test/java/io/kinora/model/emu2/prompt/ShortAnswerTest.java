package io.kinora.model.emu2.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ShortAnswerTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Yes.|yes",
                "The red circle. It moves left.|red circle",
                "'  It''s a dog'|a dog",
                "it is blue|blue",
                "An apple, on a table|apple",
                "stop \" sign|stop",
                "3.5|3.5",
                "theatre|theatre",
                "'one\ntwo'|one",
                "''|''",
            })
    void answersAreReducedToTheWordThatCounts(String answer, String expected) {
        assertThat(ShortAnswer.clean(answer)).isEqualTo(expected);
    }
}
