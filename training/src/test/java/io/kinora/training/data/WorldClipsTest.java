package io.kinora.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.training.world.QuestionKind;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class WorldClipsTest {
    private static final World WORLD = new World(1);
    private static final WorldClips.Shares PAIRS = new WorldClips.Shares(0, 0, 1);

    @Test
    void aClipIsAskedOnlyAboutTheKindsThatAreWanted() {
        WorldClips clips = clips(Set.of(QuestionKind.COUNT));

        List<String> asked = LongStream.range(0, 20)
                .mapToObj(index -> clips.example(index, 2))
                .flatMap(example -> example.questions().stream())
                .map(ClipExample.QuestionAnswer::answer)
                .toList();

        assertThat(asked).hasSize(20 * 3).isSubsetOf("zero", "one", "two");
    }

    @Test
    void aClipThatNoWantedKindFitsIsAskedAboutAnything() {
        WorldClips clips = clips(Set.of(QuestionKind.MOTION));

        assertThat(clips.example(0, 1).questions())
                .as("of one frame nobody asks what moves")
                .isNotEmpty();
    }

    private static WorldClips clips(Set<QuestionKind> kinds) {
        return new WorldClips(WORLD, Split.TRAIN, 28, new WorldClips.Asking(8, kinds), PAIRS);
    }
}
