package io.kinora.model.llm;

/** Why an answer ended. */
public enum FinishReason {
    /** The model ended it, or a stop string did. */
    STOP,
    /** It has as many tokens as were allowed, or the context is full. */
    LENGTH,
    /** Whoever takes the tokens wanted no more. */
    CANCELLED
}
