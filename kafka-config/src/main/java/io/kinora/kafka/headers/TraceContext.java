package io.kinora.kafka.headers;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * W3C trace context, passed on from what is read to what is written because of it.
 *
 * @param traceparent the caller's span; one that does not have the W3C form is dropped, as the recommendation asks
 * @param tracestate vendors' additions; dropped without a traceparent
 * @param baggage the caller's key-value pairs
 */
public record TraceContext(Optional<String> traceparent, Optional<String> tracestate, Optional<String> baggage) {
    public static final TraceContext NONE = new TraceContext(Optional.empty(), Optional.empty(), Optional.empty());

    private static final Pattern TRACEPARENT =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");

    public TraceContext {
        traceparent = traceparent.filter(TraceContext::isValid);
        tracestate = traceparent.isPresent() ? tracestate : Optional.empty();
        Objects.requireNonNull(baggage);
    }

    private static boolean isValid(String traceparent) {
        boolean version0 = traceparent.startsWith("00");
        return TRACEPARENT.matcher(traceparent).matches() && (!version0 || traceparent.length() == 55);
    }
}
