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
    private final int maxRunning;
    private final int maxWaiting;
    private final List<Sequence> running = new ArrayList<>();
    private final PriorityQueue<Sequence> waiting = new PriorityQueue<>(
            Comparator.comparingInt((Sequence sequence) -> -sequence.request().priority())
                    .thenComparingLong(Sequence::id));

    SequenceTable(int maxRunning, int maxWaiting) {
        this.maxRunning = maxRunning;
        this.maxWaiting = maxWaiting;
    }

    /** Takes a sequence if there is a place, running or waiting. */
    boolean offer(Sequence sequence) {
        return running.size() + waiting.size() < maxRunning + maxWaiting && waiting.add(sequence);
    }

    /** Lets waiting sequences run while there are places, and returns them. */
    List<Sequence> admit() {
        List<Sequence> admitted = new ArrayList<>();
        while (running.size() < maxRunning && !waiting.isEmpty()) {
            admitted.add(waiting.remove());
            running.add(admitted.get(admitted.size() - 1));
        }
        return admitted;
    }

    /** Removes and returns those that wait past their deadline. */
    List<Sequence> expire(Instant now) {
        List<Sequence> late = waiting.stream()
                .filter(sequence ->
                        sequence.request().deadline().filter(now::isAfter).isPresent())
                .toList();
        waiting.removeAll(late);
        return late;
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
