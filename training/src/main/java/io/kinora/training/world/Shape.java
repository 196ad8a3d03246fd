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

    /** How many turns within a whole one make it look as before; 0 if every turn does. */
    public int symmetry() {
        return switch (this) {
            case CIRCLE -> 0;
            case TRIANGLE -> 3;
            case SQUARE, CROSS -> 4;
            case STAR -> 5;
        };
    }

    /** Whether one can see it turn. */
    public boolean showsRotation() {
        return symmetry() > 0;
    }
}
