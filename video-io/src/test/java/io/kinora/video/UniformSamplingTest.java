package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class UniformSamplingTest {
    @Test
    void theMiddleOfEachPartIsTaken() {
        assertThat(UniformSampling.byOrder(80, 8)).containsExactly(5, 15, 25, 35, 45, 55, 65, 75);
        assertThat(UniformSampling.byOrder(16, 8)).containsExactly(1, 3, 5, 7, 9, 11, 13, 15);
        assertThat(UniformSampling.byOrder(10, 4)).containsExactly(1, 3, 6, 8);
        assertThat(UniformSampling.byOrder(9, 1)).containsExactly(4);
    }

    @Test
    void aClipWithFewerFramesRepeatsThemEvenly() {
        assertThat(UniformSampling.byOrder(1, 4)).containsExactly(0, 0, 0, 0);
        assertThat(UniformSampling.byOrder(3, 8)).containsExactly(0, 0, 0, 1, 1, 2, 2, 2);
    }

    @Property
    void placesAreAscendingInsideTheClipAndEachPartHasItsOwn(
            @ForAll @IntRange(min = 1, max = 100_000) int total, @ForAll @IntRange(min = 1, max = 64) int n) {
        int[] places = UniformSampling.byOrder(total, n);
        assertThat(places).hasSize(n).isSorted();
        for (int k = 0; k < n; k++) {
            assertThat((long) places[k] * n).isBetween((long) k * total - n + 1, (long) (k + 1) * total);
            assertThat(places[k]).isBetween(0, total - 1);
        }
        if (total >= n) {
            assertThat(places).doesNotHaveDuplicates();
        }
    }

    @Property
    void atAConstantRateOrderAndTimeAgree(
            @ForAll @IntRange(min = 2, max = 500) int total,
            @ForAll @IntRange(min = 1, max = 64) int n,
            @ForAll @LongRange(min = 1, max = 5000) long step) {
        FrameTimes times =
                FrameTimes.of(LongStream.range(0, total).map(i -> i * step).toArray(), step, 1, 90_000);
        assertThat(UniformSampling.rule(times)).isEqualTo(SamplingRule.BY_ORDER);
        int[] byTime = new int[n];
        for (int k = 0; k < n; k++) {
            byTime[k] = times.onScreenAt((2L * k + 1) * times.span(), 2L * n);
        }
        assertThat(byTime).containsExactly(UniformSampling.byOrder(total, n));
    }

    @Property
    void timeStampsRoundedToAClockStillCountAsConstant(
            @ForAll @IntRange(min = 1, max = 120) int framesPerSecond,
            @ForAll @IntRange(min = 3, max = 400) int total) {
        long[] milliseconds = LongStream.range(0, total)
                .map(i -> Math.round(1000.0 * i / framesPerSecond))
                .toArray();
        assertThat(FrameTimes.of(milliseconds, 0, 1, 1000).isConstantRate()).isTrue();
    }

    @Property
    void atAVariableRateTheFrameOnScreenIsTaken(
            @ForAll @Size(min = 3, max = 60) List<@IntRange(min = 1, max = 1000) Integer> gaps,
            @ForAll @IntRange(min = 1, max = 16) int n) {
        long[] starts = new long[gaps.size()];
        for (int i = 1; i < gaps.size(); i++) {
            starts[i] = starts[i - 1] + gaps.get(i - 1);
        }
        FrameTimes times = FrameTimes.of(starts, gaps.get(gaps.size() - 1), 1, 1000);
        int[] chosen = UniformSampling.choose(times, n);
        assertThat(chosen).hasSize(n).isSorted();
        if (UniformSampling.rule(times) == SamplingRule.BY_TIME) {
            long end = starts[starts.length - 1] + gaps.get(gaps.size() - 1);
            for (int k = 0; k < n; k++) {
                int slow = 0;
                while (slow + 1 < starts.length && starts[slow + 1] * 2 * n <= (2 * k + 1) * end) {
                    slow++;
                }
                assertThat(chosen[k])
                        .as("place %d of %s", k, Arrays.toString(starts))
                        .isEqualTo(slow);
            }
        }
    }

    @Test
    void timeStampsAreCountedFromTheFirstFrameAndRoundedToTheNanosecond() {
        FrameTimes times = FrameTimes.of(new long[] {9000, 12_003, 15_006}, 3003, 1, 90_000);
        assertThat(times.timestamp(0)).isZero();
        assertThat(times.timestamp(1)).isEqualTo(Duration.ofNanos(33_366_667));
        assertThat(times.duration()).isEqualTo(Duration.ofNanos(100_100_000));
    }
}
