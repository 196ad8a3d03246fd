package io.kinora.actors.shard;

/** Why a text ended. */
public enum TextEnd {
    /** The model ended it, or a stop string did. */
    STOP,
    /** It has as many tokens as were asked for. */
    LENGTH,
    /** It was cancelled. */
    CANCELLED
}
