package io.kinora.training.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class WorldPropertyTest {
    /** Pixels of the frame's edge that shapes never reach. */
    private static final int EDGE = 1;

    @Property(tries = 60)
    void shapesStayInsideTheFrameAtEveryMoment(
            @ForAll long seed,
            @ForAll @IntRange(max = 1_000_000) int index,
            @ForAll Split split,
            @ForAll @DoubleRange(max = 1) double moment,
            @ForAll @IntRange(min = 112, max = 256) int size) {
        Scene scene = new World(seed).scene(split, index);
        byte[] frame = new SceneRenderer(scene, size, size).pixels(moment);
        byte[] ground = new BackgroundPainter(scene.background()).paint(size, size);
        for (int place = 0; place < size; place++) {
            for (int edge : List.of(place, place * size, (size - EDGE) * size + place, place * size + size - EDGE)) {
                assertThat(frame[edge * 3]).as("%s at %s", scene, moment).isEqualTo(ground[edge * 3]);
            }
        }
    }

    @Property(tries = 60)
    void theSameNumbersGiveTheSameWorld(
            @ForAll long seed, @ForAll @IntRange(max = 1_000_000) int index, @ForAll Split split) {
        World world = new World(seed);
        Scene scene = world.scene(split, index);
        assertThat(new World(seed).scene(split, index)).isEqualTo(scene);
        assertThat(new World(seed).soloScene(split, index)).isEqualTo(world.soloScene(split, index));
        assertThat(new World(seed).pairScene(split, index)).isEqualTo(world.pairScene(split, index));
        assertThat(Questions.about(scene, split, seed)).isEqualTo(Questions.about(scene, split, seed));
        assertThat(Captions.varied(scene, split, seed)).isEqualTo(Captions.varied(scene, split, seed));
        assertThat(new ScenePrompts(world).prompt(split, index))
                .isEqualTo(new ScenePrompts(world).prompt(split, index));
        assertThat(new SceneRenderer(scene, 32, 32).pixels(0.3))
                .isEqualTo(new SceneRenderer(scene, 32, 32).pixels(0.3));
    }

    @Property(tries = 60)
    void scenesOfOneAndOfTwoShapesAreWhatTheySay(
            @ForAll long seed, @ForAll @IntRange(max = 1_000_000) int index, @ForAll Split split) {
        assertThat(new World(seed).soloScene(split, index).sprites()).hasSize(1);
        assertThat(new World(seed).pairScene(split, index).sprites()).hasSize(2);
    }

    @Property(tries = 60)
    void shapesAreLargeEnoughToBeSeen(
            @ForAll long seed, @ForAll @IntRange(max = 1_000_000) int index, @ForAll Split split) {
        Scene scene = new World(seed).scene(split, index);
        byte[] ground = new BackgroundPainter(scene.background()).paint(112, 112);
        byte[] frame = new SceneRenderer(scene, 112, 112).pixels(0);
        int changed = 0;
        for (int i = 0; i < ground.length; i += 3) {
            changed += frame[i] == ground[i] && frame[i + 1] == ground[i + 1] && frame[i + 2] == ground[i + 2] ? 0 : 1;
        }
        assertThat(changed).isGreaterThan(112 * 112 / 80 * scene.sprites().size());
    }

    @Property(tries = 1)
    void heldOutSentencesAreOtherSentencesOfKnownWords() {
        Set<String> trained = sentences(say -> say.of(Split.TRAIN)).collect(Collectors.toSet());
        assertThat(sentences(say -> say.of(Split.HELD_OUT))).doesNotContainAnyElementsOf(trained);
        Set<String> known = Stream.concat(
                        trained.stream(),
                        Arrays.stream(Motion.values()).flatMap(motion -> Wording.motion(motion).stream()))
                .flatMap(WorldPropertyTest::words)
                .collect(Collectors.toSet());
        assertThat(sentences(say -> say.of(Split.HELD_OUT)).flatMap(WorldPropertyTest::words))
                .allMatch(known::contains);
    }

    private static Stream<String> sentences(Function<Wording.Say, List<String>> of) {
        return Arrays.stream(Wording.Say.values()).flatMap(say -> of.apply(say).stream());
    }

    private static Stream<String> words(String sentence) {
        return Arrays.stream(sentence.toLowerCase(Locale.ROOT).split("[^a-z{}]+"))
                .filter(word -> !word.isEmpty());
    }
}
