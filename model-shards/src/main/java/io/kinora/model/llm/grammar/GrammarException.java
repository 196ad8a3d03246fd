package io.kinora.model.llm.grammar;

/** A grammar or a schema that cannot be used; the message says which part, and what is allowed. */
public final class GrammarException extends RuntimeException {
    /** With a message for the user. */
    public GrammarException(String message) {
        super(message);
    }
}
