package io.kinora.actors.pipeline;

import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.transaction.Transaction;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes what has become of the jobs of one partition. Confined to their owner. */
final class JobStateWriter {
    private final JobTools tools;
    private final JobTable table;
    private final JobJournal journal;

    JobStateWriter(JobTools tools, JobTable table, JobJournal journal) {
        this.tools = tools;
        this.table = table;
        this.journal = journal;
    }

    /** A job's new state, in the table at once; {@code after} runs once it is written. */
    void save(JobState state, Runnable after) {
        table.put(state);
        journal.append(Transaction.of(List.of(record(state))), () -> false, after);
    }

    /** The progress of those that have moved since the last time. */
    void report(Instant now) {
        List<JobState> moved = table.moved(now);
        if (!moved.isEmpty()) {
            journal.append(Transaction.of(moved.stream().map(this::record).toList()), () -> false, () -> {});
        }
    }

    /** A job that has been kept long enough. */
    void forget(String jobId) {
        TraceContext trace = table.trace(jobId);
        table.forget(jobId);
        journal.append(Transaction.of(List.of(tools.encoder().jobForgotten(jobId, trace))), () -> false, () -> {});
    }

    private ProducerRecord<byte[], byte[]> record(JobState state) {
        return tools.encoder().jobState(state, table.trace(state.jobId()));
    }
}
