package io.kinora.actors.pipeline;

import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.clip.ClipIndex;
import io.kinora.kafka.clip.ClipReader;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.Blob;
import io.kinora.kafka.record.Clip;
import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.ClipTarget;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Finds the clip that a question is about, and fetches its bytes. Thread-safe. */
final class ClipFetcher {
    /** A clip with its bytes. */
    record Fetched(ClipReference reference, Clip clip, Blob bytes, String sha256) {}

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ClipIndex index;
    private final ClipReader reader;
    private final RecordDecoder decoder;
    private final ClipPayloads payloads;
    private final Executor blocking;
    private final ServingMetrics metrics;

    ClipFetcher(
            ClipIndex index,
            ClipReader reader,
            RecordDecoder decoder,
            ClipPayloads payloads,
            Executor blocking,
            ServingMetrics metrics) {
        this.index = index;
        this.reader = reader;
        this.decoder = decoder;
        this.payloads = payloads;
        this.blocking = blocking;
        this.metrics = metrics;
    }

    /** The clip; empty if nothing like it is known once everything that was on the topic at this moment has been read. */
    CompletionStage<Optional<Fetched>> fetch(ClipTarget target) {
        CompletionStage<Void> known =
                target instanceof ClipTarget.At ? CompletableFuture.completedStage(null) : index.whenCaughtUp();
        return known.thenApplyAsync(ignored -> index.resolve(target).map(this::read), blocking);
    }

    private Fetched read(ClipReference reference) {
        long started = System.nanoTime();
        Clip clip = decoder.clip(reader.read(reference, PATIENCE)).body();
        Blob bytes = payloads.unpack(clip.payload());
        metrics.clipFetched(bytes.size(), Duration.ofNanos(System.nanoTime() - started));
        return new Fetched(reference, clip, bytes, bytes.sha256());
    }
}
