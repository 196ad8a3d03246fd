package io.kinora.service.http;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.headers.RawHeader;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/** Lets tenants in, within their limits: a bucket of requests that fills up over a minute, and so many at once. Thread-safe. */
final class Gate {
    private static final double NANOS_A_MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final Duration SOON = Duration.ofSeconds(1);

    /** A tenant's place inside; closing it makes room. */
    static final class Pass implements AutoCloseable {
        private final Gate gate;
        private final Bucket bucket;
        private final List<HttpHeader> headers;
        private final AtomicBoolean open = new AtomicBoolean(true);

        private Pass(Gate gate, Bucket bucket, List<HttpHeader> headers) {
            this.gate = gate;
            this.bucket = bucket;
            this.headers = headers;
        }

        /** What clients read of their limits; empty for a tenant without. */
        List<HttpHeader> headers() {
            return headers;
        }

        @Override
        public void close() {
            if (open.compareAndSet(true, false)) {
                gate.leave(bucket);
            }
        }
    }

    private static final class Bucket {
        private double requests;
        private long filledAt;
        private int inside;
    }

    private final LongSupplier nanoTime;
    private final Map<String, Bucket> buckets = new HashMap<>();

    Gate(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Lets a request of a tenant in, or refuses it with the time to wait. */
    synchronized Pass enter(Tenant tenant) {
        long now = nanoTime.getAsLong();
        Bucket bucket = buckets.computeIfAbsent(tenant.name(), name -> full(tenant, now));
        double perNano = tenant.requestsPerMinute() / NANOS_A_MINUTE;
        bucket.requests = Math.min(tenant.requestsPerMinute(), bucket.requests + (now - bucket.filledAt) * perNano);
        bucket.filledAt = now;
        if (bucket.requests < 1) {
            throw ApiException.of(
                            ApiException.Kind.RATE_LIMITED,
                            "rate_limit_exceeded",
                            "%s may begin %d requests a minute".formatted(tenant.name(), tenant.requestsPerMinute()))
                    .retryAfter(Duration.ofNanos((long) Math.ceil((1 - bucket.requests) / perNano)));
        }
        if (bucket.inside >= tenant.concurrent()) {
            throw ApiException.of(
                            ApiException.Kind.RATE_LIMITED,
                            "too_many_at_once",
                            "%s may have %d requests worked on at once".formatted(tenant.name(), tenant.concurrent()))
                    .retryAfter(SOON);
        }
        bucket.requests--;
        bucket.inside++;
        return new Pass(this, bucket, headers(tenant, bucket, perNano));
    }

    private static Bucket full(Tenant tenant, long now) {
        Bucket bucket = new Bucket();
        bucket.requests = tenant.requestsPerMinute();
        bucket.filledAt = now;
        return bucket;
    }

    private static List<HttpHeader> headers(Tenant tenant, Bucket bucket, double perNano) {
        if (tenant.requestsPerMinute() == Integer.MAX_VALUE) {
            return List.of();
        }
        Duration reset = Duration.ofNanos((long) ((tenant.requestsPerMinute() - bucket.requests) / perNano));
        return List.of(
                RawHeader.create("x-ratelimit-limit-requests", Integer.toString(tenant.requestsPerMinute())),
                RawHeader.create("x-ratelimit-remaining-requests", Long.toString((long) bucket.requests)),
                RawHeader.create("x-ratelimit-reset-requests", reset.toMillis() + "ms"));
    }

    private synchronized void leave(Bucket bucket) {
        bucket.inside--;
    }
}
