package io.kinora.tensor;

/** An engine that cannot run here; the message says what is missing. */
public final class EngineUnavailableException extends RuntimeException {
    /** With a message for the user. */
    public EngineUnavailableException(String message) {
        super(message);
    }

    /** With a message for the user and what the loader said. */
    public EngineUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
