package io.kinora.model.modaverse.imagebind;

/** A medium that was read and still cannot be given to the model; never worth a retry. The message says what is allowed. */
public final class UnusableMediaException extends RuntimeException {
    /** Why. */
    public enum Reason {
        /** A sound of less than 25 ms, which has no frame of a filter bank. */
        TOO_SHORT,
        /** A picture that is a strip. */
        TOO_NARROW,
        /** A sound was asked for, and the file has none. */
        NO_SOUND,
        /** A picture or clip was asked for, and the file has none. */
        NO_PICTURE
    }

    private final Reason reason;

    /** With a message for the user. */
    public UnusableMediaException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }
}
