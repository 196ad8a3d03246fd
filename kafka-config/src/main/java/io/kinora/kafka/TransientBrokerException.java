package io.kinora.kafka;

/** The broker could not do it now: retry with back-off. Nothing was made visible to {@code read_committed} readers. */
public final class TransientBrokerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TransientBrokerException(String message, Throwable cause) {
        super(message, cause);
    }
}
