package io.kinora.actors.shard;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.Stream;

/** Which sequences run and which wait: by priority, then in the order of their arrival. Confined to the language model's thread. */
final class SequenceTable {
    private final int maxPlaces;
    private final int maxWaiting;
    private final long maxWaitingRows;
    private final List<Sequence> running = new ArrayList<>();
    private final PriorityQueue<Sequence> waiting = new PriorityQueue<>(
            Comparator.comparingInt((Sequence sequence) -> -sequence.request().priority())
                    .thenComparingLong(Sequence::id));

    SequenceTable(int maxPlaces, int maxWaiting, long maxWaitingRows) {
        this.maxPlaces = maxPlaces;
        this.maxWaiting = maxWaiting;
        this.maxWaitingRows = maxWaitingRows;
    }

    /** Takes a sequence if it can run at once, or may wait; else says why not. */
    Optional<String> offer(Sequence sequence) {
        List<Sequence> queue = queueWith(sequence);
        if (queue.size() > maxWaiting) {
            return Optional.of("%d requests wait already, allowed are %d".formatted(queue.size() - 1, maxWaiting));
        }
        long rows = queue.stream().mapToLong(Sequence::expectedRows).sum();
        if (queue.size() > 1 && rows > maxWaitingRows) {
            return Optional.of("with this request's %d, %d tokens would wait, allowed are %d"
                    .formatted(sequence.expectedRows(), rows, maxWaitingRows));
        }
        waiting.add(sequence);
        return Optional.empty();
    }

    /** Those that would wait, this one among them, once all places that are free were taken. */
    private List<Sequence> queueWith(Sequence newcomer) {
        int free = maxPlaces - takenPlaces();
        List<Sequence> queue = new ArrayList<>();
        for (Sequence sequence :
                Stream.concat(waiting.stream(), Stream.of(newcomer)).toList()) {
            if (queue.isEmpty() && sequence.places() <= free) {
                free -= sequence.places();
            } else {
                queue.add(sequence);
            }
        }
        return queue;
    }

    private int takenPlaces() {
        return running.stream().mapToInt(Sequence::places).sum();
    }

    private boolean hasPlaceFor(Sequence sequence) {
        return takenPlaces() + sequence.places() <= maxPlaces;
    }

    /** Lets waiting sequences run while there are places. */
    void admit() {
        while (!waiting.isEmpty() && hasPlaceFor(waiting.element())) {
            running.add(waiting.remove());
        }
    }

    /** Those whose deadline has passed, running or waiting. */
    List<Sequence> late(Instant now) {
        return all().stream().filter(sequence -> sequence.isLate(now)).toList();
    }

    int waiting() {
        return waiting.size();
    }

    /** Makes a running sequence wait again; its number keeps its place. */
    void putBack(Sequence sequence) {
        running.remove(sequence);
        waiting.add(sequence);
    }

    /** Removes a sequence; true if it was running. */
    boolean remove(Sequence sequence) {
        waiting.remove(sequence);
        return running.remove(sequence);
    }

    boolean isRunning(Sequence sequence) {
        return running.contains(sequence);
    }

    List<Sequence> running() {
        return List.copyOf(running);
    }

    Sequence youngestRunning() {
        return running.stream().max(Comparator.comparingLong(Sequence::id)).orElseThrow();
    }

    Optional<Sequence> find(String requestId) {
        return all().stream()
                .filter(sequence -> sequence.request().id().equals(requestId))
                .findFirst();
    }

    Collection<Sequence> all() {
        return Stream.concat(running.stream(), waiting.stream()).toList();
    }
}
