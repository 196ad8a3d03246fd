package io.kinora.training.data;

/** A folder of clips that cannot be trained on; the message says which file, which line, and what is expected. */
public final class ClipDataException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ClipDataException(String message) {
        super(message);
    }

    ClipDataException(String message, Throwable cause) {
        super(message, cause);
    }
}
