package io.kinora.actors.pipeline;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.headers.DeadLetter;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.TraceContext;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.Prompt;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Decides what the records of a {@link JobOwner}'s partition come to, and applies it to its table. Belongs to the owner's thread. */
final class JobCommands {
    /**
     * What a record comes to.
     *
     * @param records written together with its offset
     * @param enqueue waits for its turn, once that is written
     * @param giveUp is not to be worked on any more, from now on
     */
    record Decision(
            List<ProducerRecord<byte[], byte[]>> records, Optional<Prompt.Generate> enqueue, Optional<String> giveUp) {
        Decision {
            records = List.copyOf(records);
        }

        private static Decision of(List<ProducerRecord<byte[], byte[]>> records) {
            return new Decision(records, Optional.empty(), Optional.empty());
        }
    }

    private static final Decision NOTHING = Decision.of(List.of());

    private final JobTools tools;
    private final JobPartition partition;
    private final JobTable table;

    JobCommands(JobTools tools, JobPartition partition, JobTable table) {
        this.tools = tools;
        this.partition = partition;
        this.table = table;
    }

    Decision decide(ConsumerRecord<byte[], byte[]> record) {
        try {
            Event<Prompt> event = tools.decoder().prompt(record);
            Prompt prompt = event.body();
            if (!partition.owns(prompt.jobId())) {
                // Written by a client that spreads keys another way: it goes to its owner, and keeps its order.
                return Decision.of(List.of(tools.encoder().prompt(prompt, event.trace())));
            }
            if (prompt instanceof Prompt.Generate generate) {
                return create(record, generate, event);
            }
            return prompt instanceof Prompt.Cancel ? cancel(prompt.jobId()) : delete(prompt.jobId());
        } catch (MalformedRecordException e) {
            return refuse(record, DeadLetter.of(e, "prompt"));
        }
    }

    private Decision create(ConsumerRecord<byte[], byte[]> record, Prompt.Generate request, Event<Prompt> event) {
        Optional<JobState> known = table.find(request.jobId());
        if (known.isEmpty()) {
            JobState queued = JobState.queued(request, event.timestamp());
            RecordTrace<Prompt> trace = RecordTrace.begin(tools.tracing(), "job", event);
            table.put(queued, trace);
            return new Decision(
                    List.of(tools.encoder().jobState(queued, trace.event().trace())),
                    Optional.of(request),
                    Optional.empty());
        }
        if (known.get().request().equals(request)) {
            return NOTHING; // the same again is the same job
        }
        IllegalArgumentException taken = new IllegalArgumentException(
                "job %s exists and asks for something else: choose another id".formatted(request.jobId()));
        return refuse(record, DeadLetter.of("job.exists", taken, "prompt", 1));
    }

    private Decision refuse(ConsumerRecord<byte[], byte[]> record, DeadLetter reason) {
        tools.metrics().deadLettered("prompts", reason.code());
        return Decision.of(List.of(tools.encoder().deadLetter(record, reason)));
    }

    private Decision cancel(String jobId) {
        Optional<JobState> known = table.unfinished(jobId);
        if (known.isEmpty()) {
            return NOTHING;
        }
        JobState cancelled = table.end(known.get().cancelled(tools.clock().instant()));
        return new Decision(
                List.of(tools.encoder().jobState(cancelled, table.trace(jobId))), Optional.empty(), Optional.of(jobId));
    }

    private Decision delete(String jobId) {
        if (table.find(jobId).isEmpty()) {
            return NOTHING;
        }
        TraceContext trace = table.trace(jobId);
        table.forget(jobId);
        return new Decision(List.of(tools.encoder().jobForgotten(jobId, trace)), Optional.empty(), Optional.of(jobId));
    }
}
