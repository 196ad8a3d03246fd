package io.kinora.training.world;

import java.util.Locale;

/** The shapes, upright as drawn without rotation. */
public enum Shape {
    CIRCLE,
    SQUARE,
    TRIANGLE,
    STAR,
    CROSS;

    /** As {@code circle}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As {@code circles}. */
    public String plural() {
        return this == CROSS ? "crosses" : word() + "s";
    }

    /** Whether one can see it turn. */
    public boolean showsRotation() {
        return this != CIRCLE;
    }
}
