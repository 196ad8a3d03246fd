package io.kinora.service.http;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Requests that are sent again under the same {@code idempotency-key} get the first one's response, and nothing is done twice. Kept for a day, as far as
 * they are not streams, and not errors: those may be tried again. Thread-safe.
 */
final class Replays {
    private static final String HEADER = "idempotency-key";
    private static final int LONGEST_KEY = 255;
    private static final int MOST = 10_000;
    private static final long LARGEST = 1 << 20;
    private static final Duration KEPT = Duration.ofDays(1);

    private record Slot(String tenant, String method, String path, String key) {}

    private record First(String body, Instant at, CompletableFuture<HttpResponse> response) {}

    private final Clock clock;
    private final Map<Slot, First> firsts = new LinkedHashMap<>();

    Replays(Clock clock) {
        this.clock = clock;
    }

    /**
     * The response to a request: of the first one under its key, or a new one.
     *
     * @param body what tells the request from others under the same key
     */
    CompletionStage<HttpResponse> once(
            Tenant tenant,
            HttpRequest request,
            Supplier<byte[]> body,
            Supplier<CompletionStage<HttpResponse>> respond) {
        Optional<String> key = request.getHeader(HEADER).map(HttpHeader::value);
        if (key.isEmpty()) {
            return respond.get();
        }
        if (key.get().isBlank() || key.get().length() > LONGEST_KEY) {
            throw ApiException.invalid(HEADER, "%s has to have 1 to %d characters".formatted(HEADER, LONGEST_KEY));
        }
        Slot slot = new Slot(
                tenant.name(), request.method().name(), request.getUri().path(), key.get());
        First mine = new First(Digests.sha256(body.get()), clock.instant(), new CompletableFuture<>());
        Optional<First> before = keep(slot, mine);
        if (before.isPresent()) {
            if (!before.get().body().equals(mine.body())) {
                throw ApiException.of(
                                ApiException.Kind.UNPROCESSABLE,
                                "idempotency_key_reused",
                                "another request was sent under this idempotency-key")
                        .about(HEADER);
            }
            return before.get()
                    .response()
                    .thenApply(response -> response.addHeader(RawHeader.create("idempotency-replayed", "true")));
        }
        return answer(slot, mine, respond);
    }

    private CompletionStage<HttpResponse> answer(
            Slot slot, First mine, Supplier<CompletionStage<HttpResponse>> respond) {
        CompletionStage<HttpResponse> response;
        try {
            response = respond.get();
        } catch (RuntimeException e) {
            response = CompletableFuture.failedFuture(e);
        }
        return response.whenComplete((made, failure) -> {
            if (failure != null) {
                forget(slot);
                mine.response().completeExceptionally(failure);
            } else if (!made.entity().isStrict()
                    || made.entity().getContentLengthOption().orElse(0) > LARGEST) {
                forget(slot);
                mine.response()
                        .completeExceptionally(ApiException.of(
                                        ApiException.Kind.OVERLOADED,
                                        "not_replayable",
                                        "the first response under this idempotency-key is not kept")
                                .retryAfter(Duration.ofSeconds(1)));
            } else {
                mine.response().complete(made);
            }
        });
    }

    private synchronized Optional<First> keep(Slot slot, First mine) {
        Iterator<First> oldest = firsts.values().iterator();
        while (oldest.hasNext()) {
            boolean old = oldest.next().at().plus(KEPT).isBefore(mine.at());
            if (!old && firsts.size() < MOST) {
                break;
            }
            oldest.remove();
        }
        return Optional.ofNullable(firsts.putIfAbsent(slot, mine));
    }

    private synchronized void forget(Slot slot) {
        firsts.remove(slot);
    }
}
