package io.kinora.model.text;

/**
 * Tokenizer files that cannot be used, or ids that are not in the vocabulary; the message says which and what was expected.
 */
public final class TokenizerException extends RuntimeException {
    /** With a message for the user. */
    public TokenizerException(String message) {
        super(message);
    }

    /** With a message for the user and the failure beneath it. */
    public TokenizerException(String message, Throwable cause) {
        super(message, cause);
    }
}
