package io.kinora.kafka.transaction;

import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Tells failures that pass from failures that stay. */
final class TransactionFailures {
    private TransactionFailures() {}

    /** True when the same transaction may succeed later, on this producer or on a fresh one. */
    static boolean isTransient(Throwable failure) {
        // A topic that does not exist shows as a timeout caused by this: creating it is an operator's business.
        return !hasCause(failure, UnknownTopicOrPartitionException.class::isInstance)
                && hasCause(failure, TransactionFailures::passes);
    }

    /** True when another owner holds what this one acted for. */
    static boolean isFence(Throwable failure) {
        return hasCause(
                failure,
                at -> at instanceof ProducerFencedException
                        || at instanceof FencedInstanceIdException
                        || at instanceof CommitFailedException);
    }

    private static boolean passes(Throwable at) {
        return at instanceof RetriableException
                || at instanceof TransactionAbortableException
                || at instanceof InvalidProducerEpochException
                || at instanceof OutOfOrderSequenceException
                || at instanceof InterruptException
                || at instanceof ApplicationRecoverableException;
    }

    private static boolean hasCause(Throwable failure, Predicate<Throwable> test) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).anyMatch(test);
    }
}
