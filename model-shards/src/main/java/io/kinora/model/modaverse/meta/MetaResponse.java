package io.kinora.model.modaverse.meta;

import java.util.List;

/** What an answer of the language model says. Get one with {@link MetaResponseParser#parse}. */
public sealed interface MetaResponse {
    /** The answer as the model wrote it. */
    String raw();

    /**
     * Something to be made.
     *
     * @param invocations at least one, in the order in which the model wrote them
     */
    record Invoked(String raw, List<Invocation> invocations) implements MetaResponse {
        /** Checks that there is one. */
        public Invoked {
            invocations = List.copyOf(invocations);
            if (invocations.isEmpty()) {
                throw new IllegalArgumentException("a meta-response invokes something");
            }
        }
    }

    /**
     * Nothing that could be acted on. An answer of a model is never an exception.
     *
     * @param fault what is wrong
     * @param message the same for a person, with what was expected
     */
    record Malformed(String raw, Fault fault, String message) implements MetaResponse {}

    /** What can be wrong with an answer. */
    enum Fault {
        /** There is nothing in it. */
        EMPTY,
        /** It names a modality, but no prompt. */
        NO_PROMPT,
        /** A prompt is empty. */
        EMPTY_PROMPT,
        /** It names a model that makes none of the modalities. */
        UNKNOWN_MODEL,
        /** It begins as the paper's form and does not go on so. */
        UNREADABLE
    }
}
