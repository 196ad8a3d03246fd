package io.kinora.actors.pipeline;

import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.transaction.Transaction;
import io.kinora.kafka.transaction.TransactionalWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what a {@link JobOwner} decides: one transaction after the other, in that order. What the cluster cannot take now is tried again. Belongs to
 * the actor's thread.
 */
final class JobJournal {
    private static final Logger LOG = LoggerFactory.getLogger(JobJournal.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);

    private record Entry(Transaction transaction, BooleanSupplier landed, Runnable after) {}

    private final TransactionalWriter writer;
    private final Consumer<Runnable> execute;
    private final Consumer<Duration> later;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private Duration retryAfter = FIRST_RETRY;

    /**
     * Of an open writer.
     *
     * @param execute runs a task elsewhere; {@link #written} is to be called then
     * @param later lets {@link #again} be called after that time
     */
    JobJournal(TransactionalWriter writer, Consumer<Runnable> execute, Consumer<Duration> later) {
        this.writer = writer;
        this.execute = execute;
        this.later = later;
    }

    /**
     * Writes a transaction after those before it.
     *
     * @param landed asked before another try: whether it took effect after all, though the cluster's reply was lost
     * @param after what follows once it is written
     */
    void append(Transaction transaction, BooleanSupplier landed, Runnable after) {
        entries.addLast(new Entry(transaction, landed, after));
        if (entries.size() == 1) {
            execute.accept(() -> writer.commit(transaction));
        }
    }

    /** True if nothing waits to be written. */
    boolean isIdle() {
        return entries.isEmpty();
    }

    /**
     * The task has ended.
     *
     * @return a failure that no other try would mend
     */
    Optional<Throwable> written(Optional<Throwable> failure) {
        if (failure.isPresent()) {
            if (failure.get() instanceof TransientBrokerException) {
                LOG.warn("jobs are not written yet: {}", failure.get().getMessage());
                later.accept(retryAfter);
                Duration longer = retryAfter.multipliedBy(2);
                retryAfter = longer.compareTo(LONGEST_RETRY) < 0 ? longer : LONGEST_RETRY;
                return Optional.empty();
            }
            return failure;
        }
        retryAfter = FIRST_RETRY;
        entries.removeFirst().after().run();
        if (!entries.isEmpty()) {
            execute.accept(() -> writer.commit(entries.getFirst().transaction()));
        }
        return Optional.empty();
    }

    /** Tries the first again. */
    void again() {
        Entry first = entries.getFirst();
        execute.accept(() -> {
            if (!first.landed().getAsBoolean()) {
                writer.commit(first.transaction());
            }
        });
    }
}
