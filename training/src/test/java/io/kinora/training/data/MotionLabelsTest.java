package io.kinora.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.training.world.Colour;
import io.kinora.training.world.Scene;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MotionLabelsTest {
    private static final int COLOURS = Colour.values().length;
    private static final World WORLD = new World(1);

    @Test
    void whatIsSaidOfANameIsSaidOfTheShapeThatHasIt() {
        assertThat(LongStream.range(0, 50)
                        .mapToObj(index -> WORLD.pairScene(Split.TRAIN, index))
                        .flatMap(scene -> MotionLabels.of(scene, List.of(0.25, 0.75)).stream()))
                .isNotEmpty()
                .allSatisfy(label -> assertThat(label.name() < COLOURS ? label.colour() : COLOURS + label.shape())
                        .isEqualTo(label.name()));
    }

    @Test
    void aNameThatTwoShapesHaveSaysNothing() {
        Scene alike = LongStream.iterate(0, index -> index + 1)
                .mapToObj(index -> WORLD.pairScene(Split.TRAIN, index))
                .filter(scene ->
                        scene.sprites().get(0).shape() == scene.sprites().get(1).shape())
                .findFirst()
                .orElseThrow();

        assertThat(MotionLabels.of(alike, List.of(0.25, 0.75))).isNotEmpty().allMatch(label -> label.name() < COLOURS);
    }
}
