package io.kinora.actors.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.Optional;

/** Something that is being done, as a span; where nobody traces, nothing at all. Thread-safe. */
public final class TracedWork {
    private final Span span;
    private final RequestTrace trace;

    TracedWork(Span span, RequestTrace trace) {
        this.span = span;
        this.trace = trace;
    }

    /** What is told to those who do a part of it; where tracing is off, what whoever asked had told. */
    public RequestTrace trace() {
        return trace;
    }

    /** Its own {@code traceparent}, for whoever asked; empty where tracing is off. */
    public Optional<String> own() {
        return span.getSpanContext().isValid() ? trace.parent() : Optional.empty();
    }

    /** Says something of it that a reader of the trace can search for: never text of a user's. */
    public TracedWork with(String key, String value) {
        span.setAttribute(key, value);
        return this;
    }

    /** The same with a number. */
    public TracedWork with(String key, long value) {
        span.setAttribute(key, value);
        return this;
    }

    /** Says that it failed, with the word that programs branch on. */
    public TracedWork failed(String code) {
        span.setAttribute("error.type", code);
        span.setStatus(StatusCode.ERROR, code);
        return this;
    }

    /** It is over; what is said later is not heard. */
    public void end() {
        span.end();
    }
}
