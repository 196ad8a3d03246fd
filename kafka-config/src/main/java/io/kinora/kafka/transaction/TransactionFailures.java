package io.kinora.kafka.transaction;

import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Tells failures that pass from failures that stay. */
final class TransactionFailures {
    private TransactionFailures() {}

    /** True when the same transaction may succeed later, on this producer or on a fresh one. */
    static boolean isTransient(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            if (at instanceof RetriableException
                    || at instanceof TransactionAbortableException
                    || at instanceof InvalidProducerEpochException
                    || at instanceof OutOfOrderSequenceException
                    || at instanceof InterruptException
                    || at instanceof ApplicationRecoverableException) {
                return true;
            }
        }
        return false;
    }
}
