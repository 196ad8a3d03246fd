package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The latest state of a job; the job topic is compacted, so the last record of a key is the job.
 *
 * @param jobId the job, and the record's key
 * @param status where the job stands
 * @param progress present while the job runs
 * @param createdAt when the job was accepted
 * @param updatedAt when this state was reached
 * @param error present exactly when the job failed
 * @param result where the clip is, present exactly when the job succeeded
 */
public record JobState(
        String jobId,
        Status status,
        Optional<Progress> progress,
        Instant createdAt,
        Instant updatedAt,
        Optional<WireError> error,
        Optional<ClipReference> result) {

    /** The five states of a job. */
    public enum Status {
        @JsonProperty("queued")
        QUEUED,
        @JsonProperty("running")
        RUNNING,
        @JsonProperty("succeeded")
        SUCCEEDED,
        @JsonProperty("failed")
        FAILED,
        @JsonProperty("cancelled")
        CANCELLED;

        /** True for a state that a job never leaves. */
        public boolean isFinal() {
            return this == SUCCEEDED || this == FAILED || this == CANCELLED;
        }
    }

    /**
     * How far a running job is.
     *
     * @param step denoising steps done, 0 to {@code total}
     * @param total denoising steps of the job, at least 1
     */
    public record Progress(int step, int total) {
        public Progress {
            Checks.range("progress.total", total, 1, Integer.MAX_VALUE);
            Checks.range("progress.step", step, 0, total);
        }
    }

    public JobState {
        Checks.id("jobId", jobId);
        Objects.requireNonNull(createdAt);
        Objects.requireNonNull(updatedAt);
        goTogether("progress", progress.isPresent(), status, Status.RUNNING);
        goTogether("error", error.isPresent(), status, Status.FAILED);
        goTogether("result", result.isPresent(), status, Status.SUCCEEDED);
    }

    private static void goTogether(String field, boolean present, Status status, Status with) {
        if (present != (status == with)) {
            throw new IllegalArgumentException("%s is %s in a job that is %s: it belongs to %s exactly"
                    .formatted(field, present ? "present" : "missing", status, with));
        }
    }

    public static JobState queued(String jobId, Instant at) {
        return new JobState(jobId, Status.QUEUED, Optional.empty(), at, at, Optional.empty(), Optional.empty());
    }

    public JobState running(int step, int total, Instant at) {
        return next(Status.RUNNING, Optional.of(new Progress(step, total)), at, Optional.empty(), Optional.empty());
    }

    public JobState succeeded(ClipReference clip, Instant at) {
        return next(Status.SUCCEEDED, Optional.empty(), at, Optional.empty(), Optional.of(clip));
    }

    public JobState failed(WireError reason, Instant at) {
        return next(Status.FAILED, Optional.empty(), at, Optional.of(reason), Optional.empty());
    }

    public JobState cancelled(Instant at) {
        return next(Status.CANCELLED, Optional.empty(), at, Optional.empty(), Optional.empty());
    }

    private JobState next(
            Status to, Optional<Progress> at, Instant when, Optional<WireError> why, Optional<ClipReference> clip) {
        if (status.isFinal()) {
            throw new IllegalStateException("job %s is %s and cannot become %s".formatted(jobId, status, to));
        }
        return new JobState(jobId, to, at, createdAt, when, why, clip);
    }
}
