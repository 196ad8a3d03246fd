package io.kinora.model.modaverse.meta;

import java.util.Objects;

/**
 * One thing to be made.
 *
 * @param modality what it is
 * @param prompt what the generator is told; for text, the answer itself
 */
public record Invocation(Modality modality, String prompt) {
    /** Checks that there is a prompt. */
    public Invocation {
        Objects.requireNonNull(modality);
        if (prompt.isBlank()) {
            throw new IllegalArgumentException("a prompt has at least one character that is no blank");
        }
    }
}
