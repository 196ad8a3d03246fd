package io.kinora.training.world;

import java.util.List;

/** What a shape does over a clip, or over half of one. */
public enum Motion {
    LEFT("moves left", -1, 0),
    RIGHT("moves right", 1, 0),
    UP("moves up", 0, -1),
    DOWN("moves down", 0, 1),
    UP_LEFT("moves up and left", -1, -1),
    UP_RIGHT("moves up and right", 1, -1),
    DOWN_LEFT("moves down and left", -1, 1),
    DOWN_RIGHT("moves down and right", 1, 1),
    GROW("grows", 0, 0),
    SHRINK("shrinks", 0, 0),
    SPIN("spins", 0, 0),
    BLINK("blinks", 0, 0),
    BOUNCE("bounces", 0, 0),
    STILL("stays still", 0, 0);

    /** Motions that can follow one another within a clip and still be told apart. */
    public static final List<Motion> PHASES = List.of(LEFT, RIGHT, UP, DOWN, GROW, SHRINK, SPIN);

    private final String phrase;
    private final int dx;
    private final int dy;

    Motion(String phrase, int dx, int dy) {
        this.phrase = phrase;
        this.dx = dx;
        this.dy = dy;
    }

    /** As {@code moves left}: the answer to what a shape does. */
    public String phrase() {
        return phrase;
    }

    /** -1 to the left, 1 to the right, else 0. */
    public int dx() {
        return dx;
    }

    /** -1 upwards, 1 downwards, else 0. */
    public int dy() {
        return dy;
    }

    /** Whether it carries a shape in one direction. */
    public boolean isTravel() {
        return dx != 0 || dy != 0;
    }

    /** Whether it changes a shape's size. */
    public boolean resizes() {
        return this == GROW || this == SHRINK;
    }

    /** Whether this shape can be seen doing it. */
    public boolean suits(Shape shape) {
        return this != SPIN || shape.showsRotation();
    }
}
