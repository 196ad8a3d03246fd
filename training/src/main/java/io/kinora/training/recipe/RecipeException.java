package io.kinora.training.recipe;

/** A recipe that cannot be followed; the message says which file, which key, and what is allowed. */
public final class RecipeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RecipeException(String message) {
        super(message);
    }

    RecipeException(String message, Throwable cause) {
        super(message, cause);
    }
}
