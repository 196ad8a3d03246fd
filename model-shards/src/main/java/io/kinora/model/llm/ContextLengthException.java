package io.kinora.model.llm;

/** A sequence longer than the model was made for; the message and the fields give both counts. */
public final class ContextLengthException extends RuntimeException {
    private final int length;
    private final int allowed;

    /** With the length asked for and the longest one allowed, in positions. */
    public ContextLengthException(int length, int allowed) {
        super("a sequence of %,d positions was asked for; this model has %,d".formatted(length, allowed));
        this.length = length;
        this.allowed = allowed;
    }

    /** Positions asked for. */
    public int length() {
        return length;
    }

    /** Positions that the model has. */
    public int allowed() {
        return allowed;
    }
}
