package io.kinora.kafka.transaction;

/** Another owner works on the input partition now. Stop: what was to be written is the new owner's to write. */
public final class FencedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FencedException(String message, Throwable cause) {
        super(message, cause);
    }
}
