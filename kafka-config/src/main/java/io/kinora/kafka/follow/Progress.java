package io.kinora.kafka.follow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** How far a reader is, and who waits for it to be where. Thread-safe; futures complete outside the lock. */
public final class Progress {
    private final Map<Integer, Long> position = new HashMap<>();
    private final List<Waiting> waiting = new ArrayList<>();
    /** Those who wait for the end, whose offsets are not known yet. */
    private final List<CompletableFuture<Void>> askForEnd = new ArrayList<>();

    private Optional<Throwable> failure = Optional.empty();

    /** Nobody waits yet. */
    public Progress() {}

    private record Waiting(Map<Integer, Long> until, CompletableFuture<Void> done) {}

    /** Completes when the reader is at these offsets, by partition. */
    public CompletionStage<Void> whenAt(Map<Integer, Long> until) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        synchronized (this) {
            if (failure.isEmpty() && !reached(until)) {
                waiting.add(new Waiting(Map.copyOf(until), done));
                return done;
            }
        }
        finish(done);
        return done;
    }

    /** Completes when the reader is where the end was at the moment of the call. */
    public CompletionStage<Void> whenCaughtUp() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        synchronized (this) {
            if (failure.isEmpty()) {
                askForEnd.add(done);
                return done;
            }
        }
        finish(done);
        return done;
    }

    private synchronized Optional<Throwable> failure() {
        return failure;
    }

    private void finish(CompletableFuture<Void> done) {
        failure().ifPresentOrElse(done::completeExceptionally, () -> done.complete(null));
    }

    /** How many ask for the end; offsets that are looked up after this call are new enough for them. */
    public synchronized int askers() {
        return askForEnd.size();
    }

    /** The end as it was looked up for the first so many that asked. */
    public void end(int askers, Map<Integer, Long> end) {
        synchronized (this) {
            List<CompletableFuture<Void>> answered = askForEnd.subList(0, askers);
            answered.forEach(done -> waiting.add(new Waiting(Map.copyOf(end), done)));
            answered.clear();
        }
        advance(Map.of());
    }

    /** The reader is at these offsets. */
    public void advance(Map<Integer, Long> to) {
        List<CompletableFuture<Void>> reached = new ArrayList<>();
        synchronized (this) {
            position.putAll(to);
            Iterator<Waiting> all = waiting.iterator();
            while (all.hasNext()) {
                Waiting next = all.next();
                if (reached(next.until())) {
                    all.remove();
                    reached.add(next.done());
                }
            }
        }
        reached.forEach(done -> done.complete(null));
    }

    /** The reader has ended: whoever waits or will wait is told why. */
    public void fail(Throwable cause) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        synchronized (this) {
            failure = Optional.of(cause);
            waiting.forEach(next -> all.add(next.done()));
            all.addAll(askForEnd);
            waiting.clear();
            askForEnd.clear();
        }
        all.forEach(done -> done.completeExceptionally(cause));
    }

    private boolean reached(Map<Integer, Long> until) {
        return until.entrySet().stream().allMatch(next -> position.getOrDefault(next.getKey(), 0L) >= next.getValue());
    }

    /** The next offset to be read of each partition. */
    public synchronized Map<Integer, Long> position() {
        return Map.copyOf(position);
    }
}
