package io.kinora.actors.pipeline;

import io.kinora.actors.trace.RequestTrace;
import io.kinora.actors.trace.TracedWork;
import io.kinora.actors.trace.Tracing;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.TraceContext;
import java.util.concurrent.CompletionStage;

/**
 * What is done about a record, as a span of its sender's trace.
 *
 * @param event the record, standing in its own span's trace: what is written because of it points there
 * @param work the span
 */
record RecordTrace<T>(Event<T> event, TracedWork work) {
    /** Begins to work on a record. */
    static <T> RecordTrace<T> begin(Tracing tracing, String what, Event<T> event) {
        TracedWork work = tracing.begin(what, Tracing.Kind.RECORD, of(event.trace()))
                .with("messaging.system", "kafka")
                .with("messaging.operation.type", "process")
                .with("messaging.destination.name", event.place().topic())
                .with(
                        "messaging.destination.partition.id",
                        Integer.toString(event.place().partition()))
                .with("messaging.kafka.offset", event.place().offset());
        TraceContext within = new TraceContext(
                work.trace().parent(), work.trace().state(), event.trace().baggage());
        return new RecordTrace<>(
                new Event<>(event.body(), event.place(), event.key(), event.timestamp(), event.attributes(), within),
                work);
    }

    /** As the models' actors know it: they know no Kafka. */
    static RequestTrace of(TraceContext trace) {
        return new RequestTrace(trace.traceparent(), trace.tracestate());
    }

    /** Ends the span with the stage. */
    <R> CompletionStage<R> endingWith(CompletionStage<R> result) {
        return result.whenComplete((done, failure) -> {
            if (failure != null) {
                work.failed(failure.getClass().getSimpleName());
            }
            work.end();
        });
    }
}
