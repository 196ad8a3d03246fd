package io.kinora.model.modaverse.prompt;

/** What the name of a token means in a user's words. */
public enum UserText {
    /** Nothing: it is text. */
    ONLY_TEXT,
    /** The token, as in the authors' code, where a user can put any token into a prompt. */
    AS_RELEASED
}
