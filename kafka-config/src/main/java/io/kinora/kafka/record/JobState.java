package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
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
 * @param expiresAt when a job that has ended is forgotten
 * @param request what was asked: with it a job goes on after a restart
 */
public record JobState(
        String jobId,
        Status status,
        Optional<Progress> progress,
        Instant createdAt,
        Instant updatedAt,
        Optional<WireError> error,
        Optional<ClipReference> result,
        Optional<Instant> expiresAt,
        Prompt.Generate request) {

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
     * @param preview what the result is going to look like: a {@code data:} address of a small JPEG
     */
    public record Progress(int step, int total, Optional<String> preview) {
        /** Longest preview: a progress record stays far below what its topic takes. */
        public static final int MAX_PREVIEW_LENGTH = 131_072;

        public Progress {
            Checks.range("total", total, 1, Integer.MAX_VALUE);
            Checks.range("step", step, 0, total);
            preview.ifPresent(address -> {
                Checks.text("preview", address, MAX_PREVIEW_LENGTH);
                if (!address.startsWith("data:image/")) {
                    throw new IllegalArgumentException("preview begins with \"%s\", expected data:image/"
                            .formatted(address.substring(0, Math.min(16, address.length()))));
                }
            });
        }
    }

    public JobState {
        Checks.id("jobId", jobId);
        Objects.requireNonNull(createdAt);
        Objects.requireNonNull(updatedAt);
        Objects.requireNonNull(request);
        goTogether("progress", progress.isPresent(), status, Status.RUNNING);
        goTogether("error", error.isPresent(), status, Status.FAILED);
        goTogether("result", result.isPresent(), status, Status.SUCCEEDED);
        if (expiresAt.isPresent() && !status.isFinal()) {
            throw new IllegalArgumentException(
                    "expiresAt is present in a job that is %s: it has not ended".formatted(status));
        }
    }

    private static void goTogether(String field, boolean present, Status status, Status with) {
        if (present != (status == with)) {
            throw new IllegalArgumentException("%s is %s in a job that is %s: it belongs to %s exactly"
                    .formatted(field, present ? "present" : "missing", status, with));
        }
    }

    /** A job that was just accepted. */
    public static JobState queued(Prompt.Generate request, Instant at) {
        return new JobState(
                request.jobId(),
                Status.QUEUED,
                Optional.empty(),
                at,
                at,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                request);
    }

    /** Back in the queue: whoever worked on it is gone, or will try again. */
    public JobState requeued(Instant at) {
        return next(Status.QUEUED, Optional.empty(), at, Optional.empty(), Optional.empty());
    }

    public JobState running(Progress progressNow, Instant at) {
        return next(Status.RUNNING, Optional.of(progressNow), at, Optional.empty(), Optional.empty());
    }

    public JobState running(int step, int total, Instant at) {
        return running(new Progress(step, total, Optional.empty()), at);
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

    /** This state of a job that has ended, to be forgotten after so long. */
    public JobState keptFor(Duration time) {
        return new JobState(
                jobId,
                status,
                progress,
                createdAt,
                updatedAt,
                error,
                result,
                Optional.of(updatedAt.plus(time)),
                request);
    }

    private JobState next(
            Status to, Optional<Progress> at, Instant when, Optional<WireError> why, Optional<ClipReference> clip) {
        if (status.isFinal()) {
            throw new IllegalStateException("job %s is %s and cannot become %s".formatted(jobId, status, to));
        }
        return new JobState(jobId, to, at, createdAt, when, why, clip, Optional.empty(), request);
    }
}
