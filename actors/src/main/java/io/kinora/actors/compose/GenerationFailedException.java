package io.kinora.actors.compose;

/** A generator that could not make what was asked of it. */
public final class GenerationFailedException extends RuntimeException {
    private final String code;
    private final boolean retriable;

    /**
     * With a message for the user.
     *
     * @param code a word that programs branch on
     * @param retriable whether asking again later may help
     */
    public GenerationFailedException(String code, String message, boolean retriable) {
        super(message);
        this.code = code;
        this.retriable = retriable;
    }

    /** A word that programs branch on. */
    public String code() {
        return code;
    }

    /** Whether asking again later may help. */
    public boolean retriable() {
        return retriable;
    }
}
