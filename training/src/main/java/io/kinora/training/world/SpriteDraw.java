package io.kinora.training.world;

import java.util.List;
import java.util.SplittableRandom;

/** Draws shapes that stay inside the frame. */
final class SpriteDraw {
    private static final double SHADE = 0.06;
    private static final double TILT = 0.2;
    private static final double TRAVEL_ALONE = 0.42;
    private static final double TRAVEL_BESIDE = 0.34;
    private static final double TRAVEL_RANGE = 0.16;
    private static final double LEAST_TURN = 2.6;
    private static final double TURN_RANGE = 1.2;

    private final SplittableRandom random;
    private final boolean alone;

    SpriteDraw(SplittableRandom random, boolean alone) {
        this.random = random;
        this.alone = alone;
    }

    /** A shape anywhere that its path leaves the frame nowhere. */
    Sprite draw(double twoPhases) {
        while (true) {
            Shape shape = one(Shape.values());
            List<Motion> motions = random.nextDouble() < twoPhases
                    ? List.of(one(Motion.PHASES), one(Motion.PHASES))
                    : List.of(one(Motion.values()));
            boolean distinct = motions.size() == 1 || motions.get(0) != motions.get(1);
            if (distinct && motions.stream().allMatch(motion -> motion.suits(shape))) {
                return place(shape, motions);
            }
        }
    }

    private Sprite place(Shape shape, List<Motion> motions) {
        while (true) {
            Colour colour = one(Colour.values());
            Sprite sprite = new Sprite(
                    colour,
                    shade(colour.rgb()),
                    shape,
                    size(motions),
                    motions,
                    random.nextDouble(),
                    random.nextDouble(),
                    travel(motions),
                    (random.nextDouble() * 2 - 1) * TILT,
                    (LEAST_TURN + random.nextDouble() * TURN_RANGE) * (random.nextBoolean() ? 1 : -1));
            if (Layout.staysInside(sprite)) {
                return sprite;
            }
        }
    }

    /** Small things that shrink are too small, and large things beside others leave no room. */
    private Size size(List<Motion> motions) {
        if (motions.stream().anyMatch(Motion::resizes)) {
            return Size.MEDIUM;
        }
        return alone ? one(Size.values()) : one(List.of(Size.SMALL, Size.MEDIUM, Size.MEDIUM, Size.LARGE));
    }

    /** Half a clip is half as long, so that two travels in turn go further each. */
    private double travel(List<Motion> motions) {
        double least = alone ? TRAVEL_ALONE : TRAVEL_BESIDE;
        double part = motions.size() == 2 ? 1.5 : 1;
        return (least + random.nextDouble() * TRAVEL_RANGE) * part;
    }

    /** The colour a little lighter or darker, each channel for itself. */
    private int shade(int rgb) {
        int shaded = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            double factor = 1 + (random.nextDouble() * 2 - 1) * SHADE;
            shaded |= (int) Math.min(255, Math.round(((rgb >> shift) & 0xff) * factor)) << shift;
        }
        return shaded;
    }

    private <T> T one(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private <T> T one(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
