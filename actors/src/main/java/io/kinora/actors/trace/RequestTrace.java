package io.kinora.actors.trace;

import java.util.Objects;
import java.util.Optional;

/**
 * Where in a trace a request stands, in the words of W3C's trace context. Plain text, so that it goes wherever the request goes.
 *
 * @param parent the {@code traceparent} of the span that asks; absent where nobody traces
 * @param state the {@code tracestate} beside it
 */
public record RequestTrace(Optional<String> parent, Optional<String> state) {
    /** Of a request that nobody traces. */
    public static final RequestTrace NONE = new RequestTrace(Optional.empty(), Optional.empty());

    /** Checks that nothing is missing. */
    public RequestTrace {
        Objects.requireNonNull(parent);
        Objects.requireNonNull(state);
    }
}
