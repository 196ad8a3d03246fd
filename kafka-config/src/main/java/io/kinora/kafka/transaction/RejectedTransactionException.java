package io.kinora.kafka.transaction;

/**
 * The cluster refuses what was to be written (a record too large, a topic that does not exist, a right that is missing):
 * the same transaction would be refused again. Nothing was made visible.
 */
public final class RejectedTransactionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RejectedTransactionException(String message, Throwable cause) {
        super(message, cause);
    }
}
