package io.kinora.model.emu2.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.emu2.prompt.GroundedAnswer.Thing;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class GroundedAnswerTest {
    private static final NormalizedBox HALF = new NormalizedBox(0.25, 0.125, 0.5, 1);

    @Test
    void aPhraseGetsThePlaceThatFollowsIt() {
        GroundedAnswer answer = GroundedAnswer.parse(
                "<phrase>the squirrel</phrase><object>" + coordinates(56, 28, 112, 224) + "</object>");

        assertThat(answer)
                .isEqualTo(new GroundedAnswer(
                        "the squirrel", List.of(new Thing(Optional.of("the squirrel"), List.of(HALF))), 0));
    }

    @Test
    void severalPlacesOfOneThingStayTogether() {
        GroundedAnswer answer =
                GroundedAnswer.parse("two <phrase> dogs </phrase> <object> " + coordinates(56, 28, 112, 224)
                        + " </delimiter_of_multi_objects/> " + coordinates(0, 0, 224, 224)
                        + " </object> and a <phrase>cat</phrase><object>"
                        + coordinates(112, 224, 56, 28) + "</object> asleep</s>");

        assertThat(answer.text()).isEqualTo("two dogs and a cat asleep");
        assertThat(answer.things())
                .containsExactly(
                        new Thing(Optional.of("dogs"), List.of(HALF, new NormalizedBox(0, 0, 1, 1))),
                        new Thing(Optional.of("cat"), List.of(HALF)));
    }

    @Test
    void placesWithoutAPhraseAreKept() {
        GroundedAnswer answer = GroundedAnswer.parse(
                "<object>" + coordinates(56, 28, 112, 224) + coordinates(0, 0, 224, 256) + "</object>");

        assertThat(answer.things())
                .containsExactly(new Thing(Optional.empty(), List.of(HALF, new NormalizedBox(0, 0, 1, 1))));
    }

    @Test
    void coordinatesThatMakeNoGroupOfFourAreCounted() {
        GroundedAnswer answer = GroundedAnswer.parse(
                "<phrase>a</phrase><object>" + coordinates(56, 28, 112, 224, 7) + "</object><patch_index_0001>");

        assertThat(answer.things()).hasSize(1);
        assertThat(answer.strayCoordinates()).isEqualTo(2);
    }

    @Test
    void anAnswerWithoutPlacesIsText() {
        assertThat(GroundedAnswer.parse("It is not <phrase>there</phrase>."))
                .isEqualTo(new GroundedAnswer("It is not there .", List.of(), 0));
    }

    @Test
    void jsonHoldsTextAndFractions() {
        assertThat(GroundedAnswer.parse(
                                "<phrase>a \"dog\"</phrase><object>" + coordinates(56, 28, 112, 224) + "</object>")
                        .toJson())
                .isEqualTo(
                        "{\"text\":\"a \\\"dog\\\"\",\"things\":[{\"phrase\":\"a \\\"dog\\\"\",\"boxes\":[[0.25,0.125,0.5,1.0]]}]}");
    }

    @Property
    void everyCoordinateEndsInABoxOrIsCounted(@ForAll @From("answers") List<String> parts) {
        GroundedAnswer answer = GroundedAnswer.parse(String.join("", parts));
        int boxes =
                answer.things().stream().mapToInt(thing -> thing.boxes().size()).sum();
        long coordinates =
                parts.stream().filter(part -> part.startsWith("<patch")).count();

        assertThat(boxes * 4L + answer.strayCoordinates()).isEqualTo(coordinates);
        assertThat(answer.text()).doesNotContain("<");
    }

    @Provide
    Arbitrary<List<String>> answers() {
        Arbitrary<String> coordinate = Arbitraries.integers().between(0, 256).map(Emu2Tokens::coordinateName);
        Arbitrary<String> other = Arbitraries.of(
                "<phrase>",
                "</phrase>",
                "<object>",
                "</object>",
                "</delimiter_of_multi_objects/>",
                "<REC>",
                "dog",
                " ",
                "</s>");
        return Arbitraries.oneOf(coordinate, coordinate, other).list().ofMaxSize(40);
    }

    private static String coordinates(int... values) {
        StringBuilder text = new StringBuilder();
        for (int value : values) {
            text.append(Emu2Tokens.coordinateName(value));
        }
        return text.toString();
    }
}
