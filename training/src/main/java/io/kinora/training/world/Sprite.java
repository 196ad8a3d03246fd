package io.kinora.training.world;

import java.util.List;

/**
 * One shape of a scene and all it does. Places and lengths are parts of the frame's shorter side, from the top left.
 *
 * @param colour what it is called
 * @param rgb the shade it has, 0xRRGGBB
 * @param shape its outline
 * @param size how large it is when it neither grows nor shrinks
 * @param motions what it does: one thing all the time, or one in the first half of the clip and another in the second
 * @param x centre when the clip begins
 * @param y centre when the clip begins
 * @param travel how far a travelling motion carries it on each of its axes over the whole clip; half of it in half a clip
 * @param angle rotation when the clip begins, in radians, clockwise
 * @param turn how far it turns when it spins over the whole clip, in radians, clockwise; half of it in half a clip
 */
public record Sprite(
        Colour colour,
        int rgb,
        Shape shape,
        Size size,
        List<Motion> motions,
        double x,
        double y,
        double travel,
        double angle,
        double turn) {
    private static final double SMALLEST = 0.62;
    private static final double LARGEST = 1.4;
    private static final int BLINKS = 2;

    /** Part of each blink that it is visible. */
    private static final double LIT = 0.5;

    public Sprite {
        motions = List.copyOf(motions);
        if (motions.isEmpty() || motions.size() > 2) {
            throw new IllegalArgumentException("a shape does one thing or two, got %s".formatted(motions));
        }
        if (motions.size() == 2 && (motions.get(0) == motions.get(1) || !Motion.PHASES.containsAll(motions))) {
            throw new IllegalArgumentException(
                    "two different motions of %s can follow one another, got %s".formatted(Motion.PHASES, motions));
        }
        for (Motion motion : motions) {
            if (!motion.suits(shape)) {
                throw new IllegalArgumentException("nobody sees a %s spin".formatted(shape.word()));
            }
        }
    }

    /** As {@code red circle}. */
    public String name() {
        return colour.word() + " " + shape.word();
    }

    /** The same in another shade. */
    Sprite paintedIn(int shade) {
        return new Sprite(colour, shade, shape, size, motions, x, y, travel, angle, turn);
    }

    /** What it does all the time, or first. */
    public Motion motion() {
        return motions.get(0);
    }

    /** Whether it does one thing and then another. */
    public boolean hasTwoPhases() {
        return motions.size() == 2;
    }

    /** Whether its size changes. */
    public boolean resizes() {
        return motions.stream().anyMatch(Motion::resizes);
    }

    /** Whether neither its place nor its looks change. */
    public boolean isStill() {
        return motion() == Motion.STILL;
    }

    /**
     * How it stands at a moment.
     *
     * @param moment 0 at the first frame, 1 at the last
     */
    public Pose at(double moment) {
        if (!(moment >= 0 && moment <= 1)) {
            throw new IllegalArgumentException("moment is %s, allowed are 0 to 1".formatted(moment));
        }
        Pose pose = new Pose(x, y, size.radius() * initialScale(), angle, true);
        double share = 1.0 / motions.size();
        for (int phase = 0; phase < motions.size(); phase++) {
            double progress = Math.max(0, Math.min(1, (moment - phase * share) / share));
            pose = after(pose, motions.get(phase), progress, share);
        }
        return pose;
    }

    private double initialScale() {
        return motions.stream()
                .filter(Motion::resizes)
                .findFirst()
                .map(motion -> motion == Motion.GROW ? SMALLEST : LARGEST)
                .orElse(1.0);
    }

    private Pose after(Pose start, Motion motion, double progress, double share) {
        double way = travel * share * progress;
        return switch (motion) {
            case LEFT, RIGHT, UP, DOWN, UP_LEFT, UP_RIGHT, DOWN_LEFT, DOWN_RIGHT ->
                start.movedBy(motion.dx() * way, motion.dy() * way);
            case GROW -> start.scaledBy(1 + (LARGEST / SMALLEST - 1) * progress);
            case SHRINK -> start.scaledBy(1 + (SMALLEST / LARGEST - 1) * progress);
            case SPIN -> start.turnedBy(turn * share * progress);
            case BLINK -> start.visibleIf(progress * BLINKS % 1 < LIT && progress < 1);
            case BOUNCE -> start.movedBy(0, -travel * Math.abs(Math.sin(2 * Math.PI * progress)));
            case STILL -> start;
        };
    }

    /**
     * How a shape stands at a moment.
     *
     * @param x centre
     * @param y centre
     * @param radius of the circle of this size
     * @param angle rotation in radians, clockwise
     * @param visible false while it blinks off
     */
    public record Pose(double x, double y, double radius, double angle, boolean visible) {
        Pose movedBy(double dx, double dy) {
            return new Pose(x + dx, y + dy, radius, angle, visible);
        }

        Pose scaledBy(double factor) {
            return new Pose(x, y, radius * factor, angle, visible);
        }

        Pose turnedBy(double radians) {
            return new Pose(x, y, radius, angle + radians, visible);
        }

        Pose visibleIf(boolean condition) {
            return new Pose(x, y, radius, angle, condition);
        }
    }
}
