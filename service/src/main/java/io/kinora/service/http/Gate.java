package io.kinora.service.http;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.headers.RawHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Lets tenants in, within their limits: buckets of requests and of tokens that fill up over a minute, and so many requests at once. What an answer takes is
 * known when it is there: its tokens may leave a debt, and nobody comes in before that is filled up. Thread-safe.
 */
final class Gate {
    private static final double NANOS_A_MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final Duration SOON = Duration.ofSeconds(1);

    /** A tenant's place inside; closing it makes room. */
    static final class Pass implements AutoCloseable {
        private final Gate gate;
        private final Place place;
        private final List<HttpHeader> headers;
        private final AtomicBoolean open = new AtomicBoolean(true);

        private Pass(Gate gate, Place place, List<HttpHeader> headers) {
            this.gate = gate;
            this.place = place;
            this.headers = headers;
        }

        /** What clients read of their limits; empty for a tenant without. */
        List<HttpHeader> headers() {
            return headers;
        }

        /** Takes tokens out of the bucket, of a prompt that was read or an answer that was written. */
        void spend(int tokens) {
            gate.spend(place, tokens);
        }

        @Override
        public void close() {
            if (open.compareAndSet(true, false)) {
                gate.leave(place);
            }
        }
    }

    /** So much a minute. */
    private static final class Bucket {
        private final String unit;
        private final int most;
        private final double perNano;
        private double left;
        private long filledAt;

        Bucket(String unit, int perMinute, long now) {
            this.unit = unit;
            this.most = perMinute;
            this.perNano = perMinute / NANOS_A_MINUTE;
            this.left = perMinute;
            this.filledAt = now;
        }

        void fill(long now) {
            left = Math.min(most, left + (now - filledAt) * perNano);
            filledAt = now;
        }

        boolean isEmpty() {
            return left < 1;
        }

        Duration untilOne() {
            return Duration.ofNanos((long) Math.ceil((1 - left) / perNano));
        }

        List<HttpHeader> headers() {
            if (most == Integer.MAX_VALUE) {
                return List.of();
            }
            Duration full = Duration.ofNanos((long) ((most - left) / perNano));
            return List.of(
                    RawHeader.create("x-ratelimit-limit-" + unit, Integer.toString(most)),
                    RawHeader.create("x-ratelimit-remaining-" + unit, Long.toString(Math.max(0, (long) left))),
                    RawHeader.create("x-ratelimit-reset-" + unit, full.toMillis() + "ms"));
        }
    }

    private static final class Place {
        private final Bucket requests;
        private final Bucket tokens;
        private int inside;

        Place(Tenant tenant, long now) {
            requests = new Bucket("requests", tenant.requestsPerMinute(), now);
            tokens = new Bucket("tokens", tenant.tokensPerMinute(), now);
        }

        List<HttpHeader> headers() {
            List<HttpHeader> all = new ArrayList<>(requests.headers());
            all.addAll(tokens.headers());
            return all;
        }
    }

    private final LongSupplier nanoTime;
    private final Map<String, Place> places = new HashMap<>();

    Gate(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Lets a request of a tenant in, or refuses it with the time to wait. */
    synchronized Pass enter(Tenant tenant) {
        long now = nanoTime.getAsLong();
        Place place = places.computeIfAbsent(tenant.name(), name -> new Place(tenant, now));
        place.requests.fill(now);
        place.tokens.fill(now);
        if (place.requests.isEmpty()) {
            throw limited(
                    "%s may begin %d requests a minute".formatted(tenant.name(), tenant.requestsPerMinute()),
                    place.requests);
        }
        if (place.tokens.isEmpty()) {
            throw limited(
                    "%s may use %d tokens a minute".formatted(tenant.name(), tenant.tokensPerMinute()), place.tokens);
        }
        if (place.inside >= tenant.concurrent()) {
            throw ApiException.of(
                            ApiException.Kind.RATE_LIMITED,
                            "too_many_at_once",
                            "%s may have %d requests worked on at once".formatted(tenant.name(), tenant.concurrent()))
                    .retryAfter(SOON);
        }
        place.requests.left--;
        place.inside++;
        return new Pass(this, place, place.headers());
    }

    private static ApiException limited(String message, Bucket bucket) {
        return ApiException.of(ApiException.Kind.RATE_LIMITED, "rate_limit_exceeded", message)
                .retryAfter(bucket.untilOne());
    }

    private synchronized void spend(Place place, int tokens) {
        place.tokens.left -= tokens;
    }

    private synchronized void leave(Place place) {
        place.inside--;
    }
}
