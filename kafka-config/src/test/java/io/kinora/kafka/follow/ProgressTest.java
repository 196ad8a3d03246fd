package io.kinora.kafka.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ProgressTest {
    private final Progress progress = new Progress();

    @Test
    void whoWaitsIsToldWhenEveryPartitionIsThere() {
        CompletableFuture<Void> done = progress.whenAt(Map.of(0, 5L, 1, 3L)).toCompletableFuture();
        progress.advance(Map.of(0, 5L));
        assertThat(done).isNotDone();
        progress.advance(Map.of(1, 4L));
        assertThat(done).isCompleted();
        assertThat(progress.position()).isEqualTo(Map.of(0, 5L, 1, 4L));
    }

    @Test
    void whatHasBeenReadIsNotWaitedFor() {
        progress.advance(Map.of(0, 5L));
        assertThat(progress.whenAt(Map.of(0, 5L))).isCompleted();
        assertThat(progress.whenAt(Map.of(7, 0L))).isCompleted();
    }

    @Test
    void whoAsksForTheEndAfterItWasLookedUpWaitsForALaterOne() {
        CompletableFuture<Void> before = progress.whenCaughtUp().toCompletableFuture();
        int askers = progress.askers();
        CompletableFuture<Void> after = progress.whenCaughtUp().toCompletableFuture();
        progress.advance(Map.of(0, 5L));
        progress.end(askers, Map.of(0, 5L));
        assertThat(before).isCompleted();
        assertThat(after).isNotDone();
        progress.end(progress.askers(), Map.of(0, 6L));
        assertThat(after).isNotDone();
        progress.advance(Map.of(0, 6L));
        assertThat(after).isCompleted();
    }

    @Test
    void whoWaitsAndWhoWillWaitIsToldOfTheReadersEnd() {
        CompletableFuture<Void> waiting = progress.whenAt(Map.of(0, 5L)).toCompletableFuture();
        CompletableFuture<Void> asking = progress.whenCaughtUp().toCompletableFuture();
        progress.fail(new IllegalStateException("over"));
        assertThat(waiting).isCompletedExceptionally();
        assertThat(asking).isCompletedExceptionally();
        assertThat(progress.whenAt(Map.of(0, 0L))).isCompletedExceptionally();
        assertThat(progress.whenCaughtUp()).isCompletedExceptionally();
    }
}
