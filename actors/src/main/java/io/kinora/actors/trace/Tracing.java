package io.kinora.actors.trace;

import akka.actor.setup.Setup;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Extension;
import akka.actor.typed.ExtensionId;
import akka.actor.typed.ExtensionSetup;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The traces of an actor system: off, unless the system was made with {@link #setup}. An extension of the system, so that every actor finds it and none has
 * to be handed it. Thread-safe.
 *
 * <p>What is asked carries a {@link RequestTrace}; who works on it begins a {@link TracedWork} under it, and hands that one's trace to those who do the parts.
 */
public final class Tracing implements Extension {
    private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();
    private static final String PARENT = "traceparent";
    private static final String STATE = "tracestate";
    private static final TextMapGetter<Map<String, String>> READ = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, String> headers) {
            return headers.keySet();
        }

        @Override
        public String get(Map<String, String> headers, String key) {
            return headers.get(key);
        }
    };

    /** What a span is, seen from the one it belongs to. */
    public enum Kind {
        /** A part of the work of this node. */
        PART(SpanKind.INTERNAL),
        /** A request that came over the network. */
        REQUEST(SpanKind.SERVER),
        /** A record that was read from a topic. */
        RECORD(SpanKind.CONSUMER);

        private final SpanKind kind;

        Kind(SpanKind kind) {
            this.kind = kind;
        }
    }

    private static final class Id extends ExtensionId<Tracing> {
        private static final Id INSTANCE = new Id();

        @Override
        public Tracing createExtension(ActorSystem<?> system) {
            return new Tracing(Optional.empty());
        }
    }

    private static final class TracingSetup extends ExtensionSetup<Tracing> {
        TracingSetup(Tracer tracer) {
            super(Id.INSTANCE, system -> new Tracing(Optional.of(tracer)));
        }
    }

    private final Optional<Tracer> tracer;

    private Tracing(Optional<Tracer> tracer) {
        this.tracer = tracer;
    }

    /** The system's. */
    public static Tracing get(ActorSystem<?> system) {
        return Id.INSTANCE.apply(system);
    }

    /** For a new actor system whose traces go to this tracer. */
    public static Setup setup(Tracer tracer) {
        return new TracingSetup(tracer);
    }

    /** Begins something; whoever begins it ends it. */
    public TracedWork begin(String name, Kind kind, RequestTrace parent) {
        if (tracer.isEmpty()) {
            return new TracedWork(Span.getInvalid(), parent);
        }
        Span span = tracer.get()
                .spanBuilder(name)
                .setSpanKind(kind.kind)
                .setParent(context(parent))
                .startSpan();
        Map<String, String> headers = new HashMap<>();
        W3C.inject(Context.root().with(span), headers, Map::put);
        return new TracedWork(
                span,
                new RequestTrace(Optional.ofNullable(headers.get(PARENT)), Optional.ofNullable(headers.get(STATE))));
    }

    /** Stages that went before now, one right after the other; those that took no time are left out. */
    public void tell(RequestTrace parent, Stage... stages) {
        if (tracer.isEmpty()) {
            return;
        }
        Instant at = Instant.now();
        for (Stage stage : stages) {
            at = at.minus(stage.took());
        }
        for (Stage stage : stages) {
            Instant end = at.plus(stage.took());
            if (!stage.took().equals(Duration.ZERO)) {
                tracer.get()
                        .spanBuilder(stage.name())
                        .setParent(context(parent))
                        .setStartTimestamp(at)
                        .startSpan()
                        .end(TimeUnit.SECONDS.toNanos(end.getEpochSecond()) + end.getNano(), TimeUnit.NANOSECONDS);
            }
            at = end;
        }
    }

    private static Context context(RequestTrace parent) {
        Map<String, String> headers = new HashMap<>();
        parent.parent().ifPresent(value -> headers.put(PARENT, value));
        parent.state().ifPresent(value -> headers.put(STATE, value));
        return W3C.extract(Context.root(), headers, READ);
    }
}
