package io.kinora.service.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Writes down that a request was answered, never what it said, and counts it. Thread-safe. */
final class RequestLog {
    private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);

    private final MeterRegistry metrics;

    RequestLog(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    /**
     * A response has begun.
     *
     * @param requestId the request's
     * @param trace its place in a trace, as {@code traceparent} says it, where there is one
     * @param took from the request to there
     */
    void answered(
            String requestId, Optional<String> trace, Tenant tenant, Endpoint endpoint, int status, Duration took) {
        String operation = endpoint.name();
        Timer.builder("kinora.http.requests")
                .tags("operation", operation, "status", Integer.toString(status))
                .register(metrics)
                .record(took);
        LoggingEventBuilder line = LOG.atInfo().addKeyValue("request", requestId);
        if (trace.isPresent()) {
            line = line.addKeyValue("trace", trace.get());
        }
        line.addKeyValue("tenant", tenant.name())
                .addKeyValue("operation", operation)
                .addKeyValue("status", status)
                .addKeyValue("millis", took.toMillis())
                .log("answered");
    }
}
