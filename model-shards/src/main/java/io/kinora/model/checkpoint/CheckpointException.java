package io.kinora.model.checkpoint;

/** A checkpoint that cannot be used as it is; the message names the file or tensor and says what was expected. */
public final class CheckpointException extends RuntimeException {
    /** With a message for the user. */
    public CheckpointException(String message) {
        super(message);
    }

    /** With a message for the user and the failure beneath it. */
    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
