package io.kinora.training.world;

import java.util.Locale;

/** What a question is about. */
public enum QuestionKind {
    /** Of which colour a shape is. */
    COLOUR,
    /** Which shape something has. */
    SHAPE,
    /** What a shape does. */
    MOTION,
    /** How many there are. */
    COUNT,
    /** How two shapes stand to each other: left, above, larger. */
    RELATION,
    /** What happens first, and what then. */
    ORDER,
    /** How large a shape is. */
    SIZE,
    /** Whether something is there, is so, or does so. */
    YES_NO,
    /** What is behind the shapes. */
    BACKGROUND,
    /** Everything in a sentence. */
    DESCRIBE;

    /** As {@code yes-no}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
