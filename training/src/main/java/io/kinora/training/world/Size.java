package io.kinora.training.world;

import java.util.Locale;

/** How large a shape is. */
public enum Size {
    SMALL(0.095),
    MEDIUM(0.145),
    LARGE(0.205);

    private final double radius;

    Size(double radius) {
        this.radius = radius;
    }

    /** Radius of the circle of this size, as part of the frame's shorter side; the other shapes have a like area. */
    public double radius() {
        return radius;
    }

    /** As {@code small}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
