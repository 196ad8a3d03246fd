package io.kinora.model.modaverse;

import java.util.Locale;

/** What a medium in a request is. */
public enum MediaKind {
    /** A still picture. */
    IMAGE,
    /** A sound. */
    AUDIO,
    /** A clip; its sound, if it has one, is a medium of its own. */
    VIDEO;

    /** In lower case, as checkpoints and requests have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
