package io.kinora.kafka;

/** The broker could not do it now: retry with back-off. */
public final class TransientBrokerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TransientBrokerException(String message, Throwable cause) {
        super(message, cause);
    }
}
