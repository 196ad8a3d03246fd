package io.kinora.kafka.clip;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The newest clips of each stream, in the order they were written, within bounds on clips and streams. Thread-safe.
 */
final class RecentClips {
    private final int clipsPerStream;
    private final int maxStreams;
    /** By last use: the first is the stream that has been silent longest. */
    private final Map<String, Deque<IndexedClip>> byStream = new LinkedHashMap<>(16, 0.75f, false);

    private final Map<String, IndexedClip> byId = new HashMap<>();

    RecentClips(int clipsPerStream, int maxStreams) {
        this.clipsPerStream = clipsPerStream;
        this.maxStreams = maxStreams;
    }

    synchronized void add(IndexedClip clip) {
        Deque<IndexedClip> clips = byStream.remove(clip.stream());
        if (clips == null) {
            clips = new ArrayDeque<>();
            makeRoomForAStream();
        }
        byStream.put(clip.stream(), clips);
        clips.addLast(clip);
        byId.put(clip.id(), clip);
        if (clips.size() > clipsPerStream) {
            forget(clips.removeFirst());
        }
    }

    private void makeRoomForAStream() {
        if (byStream.size() >= maxStreams) {
            Iterator<Deque<IndexedClip>> streams = byStream.values().iterator();
            streams.next().forEach(this::forget);
            streams.remove();
        }
    }

    /** Another clip may have come under the same id since: that one stays. */
    private void forget(IndexedClip clip) {
        byId.remove(clip.id(), clip);
    }

    synchronized Optional<IndexedClip> latest(String stream) {
        return Optional.ofNullable(byStream.get(stream)).map(Deque::peekLast);
    }

    synchronized Optional<IndexedClip> withId(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Newest first. */
    synchronized List<IndexedClip> recent(String stream) {
        List<IndexedClip> clips = new ArrayList<>(byStream.getOrDefault(stream, new ArrayDeque<>()));
        Collections.reverse(clips);
        return List.copyOf(clips);
    }

    synchronized List<String> streams() {
        return List.copyOf(byStream.keySet());
    }
}
