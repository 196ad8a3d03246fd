package io.kinora.actors.pipeline;

import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.job.JobStates;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GeneratedVideo;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.transaction.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A job's result on its way to its topic, together with the state that names it. Safe from any thread. */
final class JobResult {
    private final JobTools tools;
    private final JobState state;
    private final GeneratedVideo video;
    private final TraceContext trace;
    private final Instant at;
    private final AtomicReference<Optional<JobState>> last = new AtomicReference<>(Optional.empty());

    /** @param state the job as it was before */
    JobResult(JobTools tools, JobState state, GeneratedVideo video, TraceContext trace) {
        this.tools = tools;
        this.state = state;
        this.video = video;
        this.trace = trace;
        this.at = tools.clock().instant();
    }

    /** Both at once. */
    Transaction transaction() {
        return Transaction.of(List.of(tools.encoder().video(video, trace))).followedBy(places -> {
            ClipReference place = new ClipReference(
                    places.get(0).topic(),
                    places.get(0).partition(),
                    places.get(0).offset());
            JobState succeeded = state.succeeded(place, at).keptFor(tools.keep());
            last.set(Optional.of(succeeded));
            return List.of(tools.encoder().jobState(succeeded, trace));
        });
    }

    /** Whether it is on its topic, though the reply to the commit was lost; reads the topic of the jobs. */
    boolean landed() {
        Optional<JobState> written = Optional.ofNullable(
                        JobStates.read(tools.clients(), tools.decoder()).get(state.jobId()))
                .filter(known -> known.status() == JobState.Status.SUCCEEDED);
        written.ifPresent(known -> last.set(written));
        return written.isPresent();
    }

    /** The job's last state, once it is written. */
    Optional<JobState> last() {
        return last.get();
    }
}
