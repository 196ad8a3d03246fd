package io.kinora.actors.pipeline;

import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.JobState;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the states of jobs in progress, outside transactions: for those who watch. A state that cannot be written is missing; the last state of a job is
 * committed together with its clip. Thread-safe.
 */
final class JobProgress {
    private static final Logger LOG = LoggerFactory.getLogger(JobProgress.class);

    private final Producer<byte[], byte[]> producer;
    private final RecordEncoder encoder;

    JobProgress(Producer<byte[], byte[]> producer, RecordEncoder encoder) {
        this.producer = producer;
        this.encoder = encoder;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of failures
    void write(JobState state, TraceContext trace) {
        producer.send(encoder.jobState(state, trace), (written, failure) -> {
            if (failure != null) {
                LOG.warn("a state of job {} was not written: {}", state.jobId(), failure.toString());
            }
        });
    }
}
