package io.kinora.tensor.parity;

/** A parity case that cannot be run as it is; the message names the case and says what was expected. */
public final class ParityException extends RuntimeException {
    /** With a message for the user. */
    public ParityException(String message) {
        super(message);
    }

    /** With a message for the user and the failure beneath it. */
    public ParityException(String message, Throwable cause) {
        super(message, cause);
    }
}
