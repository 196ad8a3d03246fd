package io.kinora.kafka.clip;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.record.ClipReference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class RecentClipsTest {
    @Test
    void theNewestClipsOfEachStreamAreKept() {
        RecentClips clips = new RecentClips(2, 10);
        clips.add(clip("a", 1));
        clips.add(clip("b", 2));
        clips.add(clip("a", 3));
        clips.add(clip("a", 4));
        assertThat(clips.recent("a")).containsExactly(clip("a", 4), clip("a", 3));
        assertThat(clips.latest("b")).contains(clip("b", 2));
        assertThat(clips.withId("id-1")).isEmpty();
        assertThat(clips.withId("id-3")).contains(clip("a", 3));
        assertThat(clips.recent("c")).isEmpty();
        assertThat(clips.latest("c")).isEmpty();
    }

    @Test
    void theStreamThatHasBeenSilentLongestMakesRoom() {
        RecentClips clips = new RecentClips(2, 2);
        clips.add(clip("a", 1));
        clips.add(clip("b", 2));
        clips.add(clip("a", 3));
        clips.add(clip("c", 4));
        assertThat(clips.streams()).containsExactly("a", "c");
        assertThat(clips.withId("id-2")).isEmpty();
    }

    @Test
    void aClipThatComesAgainUnderItsIdIsNotForgottenWithItsFirstCopy() {
        RecentClips clips = new RecentClips(1, 10);
        IndexedClip first = new IndexedClip(at(1), "same", "a", Optional.empty(), 1, Instant.EPOCH);
        IndexedClip second = new IndexedClip(at(2), "same", "a", Optional.empty(), 1, Instant.EPOCH);
        clips.add(first);
        clips.add(second);
        assertThat(clips.withId("same")).contains(second);
    }

    /** Against a model that keeps everything and looks at the tail. */
    @Property
    void boundsHoldAndWhatIsKeptIsTheTail(
            @ForAll @Size(max = 60) List<@IntRange(max = 4) Integer> streams,
            @ForAll @IntRange(min = 1, max = 4) int perStream,
            @ForAll @IntRange(min = 1, max = 3) int maxStreams) {
        RecentClips clips = new RecentClips(perStream, maxStreams);
        LinkedHashMap<String, List<IndexedClip>> model = new LinkedHashMap<>();
        Map<String, IndexedClip> kept = new HashMap<>();
        for (int i = 0; i < streams.size(); i++) {
            IndexedClip clip = clip("s" + streams.get(i), i);
            clips.add(clip);
            List<IndexedClip> before =
                    Optional.ofNullable(model.remove(clip.stream())).orElseGet(ArrayList::new);
            if (model.size() == maxStreams) {
                model.remove(model.keySet().iterator().next());
            }
            before.add(0, clip);
            model.put(clip.stream(), before);
        }
        model.forEach((stream, all) -> {
            List<IndexedClip> tail = all.subList(0, Math.min(perStream, all.size()));
            assertThat(clips.recent(stream)).isEqualTo(tail);
            tail.forEach(clip -> kept.put(clip.id(), clip));
        });
        assertThat(clips.streams()).containsExactlyElementsOf(model.keySet());
        for (int i = 0; i < streams.size(); i++) {
            assertThat(clips.withId("id-" + i)).isEqualTo(Optional.ofNullable(kept.get("id-" + i)));
        }
    }

    private static ClipReference at(long offset) {
        return new ClipReference("clips", 0, offset);
    }

    private static IndexedClip clip(String stream, int number) {
        return new IndexedClip(at(number), "id-" + number, stream, Optional.empty(), 1, Instant.EPOCH);
    }
}
