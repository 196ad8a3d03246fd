package io.kinora.video;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ClipCutterTest {
    private static final long FRAME = 40_000_000; // 25 a second

    @Property(tries = 300)
    void everyFrameIsInAClipEachClipBeginsWithAKeyFrameAndClipsOverlapAsWanted(
            @ForAll @IntRange(min = 1, max = 300) int gop,
            @ForAll @IntRange(min = 0, max = 700) int frames,
            @ForAll @IntRange(min = 10, max = 100) int length,
            @ForAll @IntRange(min = 0, max = 9) int overlap,
            @ForAll @IntRange(min = 0, max = 2) int reordered) {
        ClipCutter cutter = new ClipCutter(settings(length, overlap, 1 << 20));
        List<List<HeldPacket>> clips = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            cutter.take(packet(i, gop, reordered)).ifPresent(clips::add);
        }
        cutter.rest().ifPresent(clips::add);

        Set<Long> seen = new HashSet<>();
        clips.forEach(clip -> clip.forEach(packet -> seen.add(packet.dts())));
        assertThat(seen).hasSize(frames);
        assertThat(clips).allSatisfy(clip -> assertThat(clip.get(0).isKey()).isTrue());
        for (int i = 0; i + 1 < clips.size(); i++) {
            long end = clips.get(i).get(clips.get(i).size() - 1).dts();
            long next = clips.get(i + 1).get(0).dts();
            assertThat(next)
                    .as("clip %d of %d", i + 1, clips.size())
                    .isLessThanOrEqualTo(end + FRAME - overlap * FRAME);
        }
        assertThat(cutter.lost()).isZero();
        assertThat(cutter.heldBytes()).isZero();
    }

    @Test
    void withAKeyFrameEachSecondClipsAreExactlyAsLongAsWanted() {
        ClipCutter cutter = new ClipCutter(settings(100, 25, 1 << 20));
        List<Long> begins = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            cutter.take(packet(i, 25, 0)).ifPresent(clip -> {
                begins.add(clip.get(0).pts() / FRAME);
                sizes.add(clip.size());
            });
        }
        assertThat(begins).containsExactly(0L, 75L, 150L, 225L);
        assertThat(sizes).containsOnly(100);
    }

    @Test
    void whatComesBeforeTheFirstKeyFrameOrGrowsTooLargeIsLeftOutAndCounted() {
        ClipCutter cutter = new ClipCutter(settings(100, 0, 64 * 1024));
        for (int i = 1; i < 25; i++) {
            assertThat(cutter.take(packet(i, 25, 0))).isEmpty();
        }
        assertThat(cutter.lost()).isEqualTo(24);
        long most = 0;
        for (int i = 0; i < 3_000; i++) { // a key frame and then none any more
            cutter.take(packet(i, 1_000_000, 0));
            most = Math.max(most, cutter.heldBytes());
        }
        assertThat(most).isLessThanOrEqualTo(64 * 1024);
        assertThat(cutter.lost()).isGreaterThan(24 + 2_000);
    }

    @Test
    void aJumpInTimeEndsAClipAndTheNextBeginsBehindIt() {
        ClipCutter cutter = new ClipCutter(settings(100, 25, 1 << 20));
        for (int i = 0; i < 30; i++) {
            assertThat(cutter.take(packet(i, 25, 0))).isEmpty();
        }
        assertThat(cutter.take(packet(100_000, 25, 0)))
                .hasValueSatisfying(clip -> assertThat(clip).hasSize(30));
        assertThat(cutter.rest()).hasValueSatisfying(clip -> assertThat(clip).hasSize(1));
        assertThat(cutter.rest()).isEmpty();
    }

    private static CutSettings settings(int length, int overlap, int maxBytes) {
        return new CutSettings(
                Duration.ofNanos(length * FRAME), Duration.ofNanos(overlap * FRAME), maxBytes, Duration.ofSeconds(1));
    }

    /** In the order of decoding; every other frame between key frames is shown later than it is decoded. */
    private static HeldPacket packet(int index, int gop, int reordered) {
        boolean key = index % gop == 0;
        long pts = index * FRAME + (key || index % 2 == 0 ? 0 : reordered * FRAME);
        return new HeldPacket(new byte[100], pts, index * FRAME, FRAME, key);
    }
}
