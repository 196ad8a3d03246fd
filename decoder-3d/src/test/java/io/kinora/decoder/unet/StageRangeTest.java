package io.kinora.decoder.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Cutting a network into runs of stages. */
class StageRangeTest {
    @Property
    void aCutHasAllStagesInOrderAndNoPartIsHeavierThanItMustBe(
            @ForAll @Size(min = 3, max = 11) List<@LongRange(min = 0, max = 1000) Long> weights,
            @ForAll @IntRange(min = 1, max = 3) int parts) {
        List<StageRange> cut = StageRange.cut(weights, parts);
        assertThat(cut).hasSize(parts);
        int next = 0;
        for (StageRange range : cut) {
            assertThat(range.from()).isEqualTo(next);
            next = range.to();
        }
        assertThat(next).isEqualTo(weights.size());
        assertThat(heaviest(weights, cut)).isEqualTo(lightestOfAll(weights, parts));
    }

    private static long heaviest(List<Long> weights, List<StageRange> cut) {
        return cut.stream()
                .mapToLong(range -> weights.subList(range.from(), range.to()).stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .max()
                .orElseThrow();
    }

    /** By trying every way. */
    private static long lightestOfAll(List<Long> weights, int parts) {
        if (parts == 1) {
            return weights.stream().mapToLong(Long::longValue).sum();
        }
        return LongStream.rangeClosed(1, weights.size() - parts + 1)
                .map(first -> Math.max(
                        lightestOfAll(weights.subList(0, (int) first), 1),
                        lightestOfAll(weights.subList((int) first, weights.size()), parts - 1)))
                .min()
                .orElseThrow();
    }

    @Example
    void moreRunsThanStagesAreRefused() {
        assertThatThrownBy(() -> StageRange.cut(List.of(1L, 2L, 3L), 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a U-Net of 3 stages is cut into 1 to 3 parts, not 4");
    }
}
