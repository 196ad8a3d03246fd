package io.kinora.actors.pipeline;

import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The jobs of one owner as they were decided, and what is known of those that run. Not thread-safe. */
final class JobTable {
    /** What is known of a job beside its state, and lost with its owner. */
    private static final class Life {
        private Optional<RecordTrace<?>> trace = Optional.empty();
        private Optional<ClipReference> source = Optional.empty();
        private Optional<String> preview = Optional.empty();
        private int step;
        private int total;
        private int attempts;
        private boolean running;
        private boolean moved;
    }

    private final Duration keep;
    private final Map<String, JobState> states = new LinkedHashMap<>();
    private final Map<String, Life> lives = new HashMap<>();
    private final Set<String> ending = new HashSet<>();

    /** @param keep how long a job that has ended is kept */
    JobTable(Duration keep) {
        this.keep = keep;
    }

    void put(JobState state) {
        states.put(state.jobId(), state);
    }

    /** A new job; its span ends with it. */
    void put(JobState state, RecordTrace<?> trace) {
        put(state);
        life(state.jobId()).trace = Optional.of(trace);
    }

    private Life life(String jobId) {
        return lives.computeIfAbsent(jobId, id -> new Life());
    }

    Optional<JobState> find(String jobId) {
        return Optional.ofNullable(states.get(jobId));
    }

    /** The job, if something can still end it. */
    Optional<JobState> unfinished(String jobId) {
        return find(jobId).filter(state -> !state.status().isFinal() && !ending.contains(jobId));
    }

    /** All of these, the oldest first. */
    List<JobState> unfinished() {
        return states.values().stream()
                .filter(state -> !state.status().isFinal())
                .sorted(Comparator.comparing(JobState::createdAt))
                .toList();
    }

    /** Puts a final state, with its time to be forgotten. */
    JobState end(JobState last) {
        JobState kept = last.keptFor(keep);
        put(kept);
        return kept;
    }

    /** The job's result is being written: nothing else ends it. */
    void ending(String jobId) {
        ending.add(jobId);
    }

    /** The result is written; a job that was deleted meanwhile stays forgotten. */
    void ended(JobState last) {
        if (ending.remove(last.jobId()) && states.containsKey(last.jobId())) {
            put(last);
        }
        over(last.jobId());
    }

    void forget(String jobId) {
        states.remove(jobId);
        ending.remove(jobId);
    }

    /** The job's turn has begun. */
    void started(String jobId) {
        Life life = life(jobId);
        life.running = true;
        life.attempts++;
        life.step = 0;
        life.total = 0;
        life.moved = false;
        life.preview = Optional.empty();
    }

    /** The job's turn is over. */
    void stopped(String jobId) {
        life(jobId).running = false;
        boolean over = find(jobId).map(state -> state.status().isFinal()).orElse(true);
        if (over) {
            over(jobId);
        }
    }

    private void over(String jobId) {
        Optional.ofNullable(lives.remove(jobId)).flatMap(life -> life.trace).ifPresent(trace -> {
            find(jobId).flatMap(JobState::error).ifPresent(error -> trace.work().failed(error.code()));
            trace.work().end();
        });
    }

    /** The owner gives all jobs out of its hands. */
    void endTraces() {
        lives.values()
                .forEach(life -> life.trace.ifPresent(trace -> trace.work().end()));
    }

    boolean isRunning(String jobId) {
        return Optional.ofNullable(lives.get(jobId))
                .filter(life -> life.running)
                .isPresent();
    }

    List<String> running() {
        return lives.entrySet().stream()
                .filter(life -> life.getValue().running)
                .map(Map.Entry::getKey)
                .toList();
    }

    int attempts(String jobId) {
        return life(jobId).attempts;
    }

    TraceContext trace(String jobId) {
        return Optional.ofNullable(lives.get(jobId))
                .flatMap(life -> life.trace)
                .map(trace -> trace.event().trace())
                .orElse(TraceContext.NONE);
    }

    void startsFrom(String jobId, ClipReference clip) {
        life(jobId).source = Optional.of(clip);
    }

    Optional<ClipReference> source(String jobId) {
        return life(jobId).source;
    }

    void stepped(String jobId, int done, int total) {
        Life life = life(jobId);
        life.step = done;
        life.total = total;
        life.moved = true;
    }

    /** Keeps a JPEG for the progress, unless it is too large for it. */
    void previewed(String jobId, byte... picture) {
        String address = "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(picture);
        if (address.length() <= JobState.Progress.MAX_PREVIEW_LENGTH) {
            life(jobId).preview = Optional.of(address);
            life(jobId).moved = true;
        }
    }

    /** Puts and gives the states of the jobs that have moved since the last call. */
    List<JobState> moved(Instant now) {
        List<JobState> moved = new ArrayList<>();
        lives.forEach((jobId, life) -> {
            if (life.moved && life.running) {
                life.moved = false;
                unfinished(jobId)
                        .map(state -> state.running(new JobState.Progress(life.step, life.total, life.preview), now))
                        .ifPresent(moved::add);
            }
        });
        moved.forEach(this::put);
        return moved;
    }

    /** Jobs that wait and are no longer wanted. */
    List<JobState> late(Instant now) {
        return states.values().stream()
                .filter(state -> state.status() == JobState.Status.QUEUED && !isRunning(state.jobId()))
                .filter(state ->
                        state.request().order().deadline().filter(now::isAfter).isPresent())
                .toList();
    }

    /** Jobs whose time has come to be forgotten. */
    List<String> expired(Instant now) {
        return states.values().stream()
                .filter(state -> state.expiresAt().filter(now::isAfter).isPresent())
                .map(JobState::jobId)
                .toList();
    }
}
