package io.kinora.model.modaverse.imagebind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class FramePairTest {
    @Test
    void tenSecondsAreSeenInPiecesThatFollowEachOther() {
        assertThat(FramePair.of(300, 30)).isEqualTo(pairs(0, 59, 60, 119, 120, 179, 180, 239, 240, 299));
    }

    @Test
    void threeSecondsAreSeenInPiecesThatOverlap() {
        assertThat(FramePair.of(75, 25)).isEqualTo(pairs(0, 49, 7, 56, 13, 62, 19, 68, 25, 74));
    }

    @Test
    void aClipOfLessThanTwoSecondsIsSeenWholeFiveTimes() {
        assertThat(FramePair.of(7, 12.5)).isEqualTo(pairs(0, 6, 0, 6, 0, 6, 0, 6, 0, 6));
    }

    @Test
    void aClipWithoutFramesIsRefused() {
        assertThatThrownBy(() -> FramePair.of(0, 25)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FramePair.of(3, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void allFramesAreOfTheClipAndInOrder(
            @ForAll @IntRange(min = 1, max = 100_000) int frames,
            @ForAll @DoubleRange(min = 0.01, max = 1000) double fps) {
        List<FramePair> pairs = FramePair.of(frames, fps);

        assertThat(pairs).hasSize(5).allMatch(pair -> pair.last() < frames);
        assertThat(pairs).isSortedAccordingTo((a, b) -> Integer.compare(a.first(), b.first()));
    }

    private static List<FramePair> pairs(int... indices) {
        return java.util.stream.IntStream.range(0, indices.length / 2)
                .mapToObj(i -> new FramePair(indices[2 * i], indices[2 * i + 1]))
                .toList();
    }
}
