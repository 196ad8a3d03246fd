package io.kinora.training.world;

/**
 * What is behind the shapes: a pattern of two nearly grey tones, the same in every frame.
 *
 * @param pattern how the tones are laid out
 * @param first 0xRRGGBB
 * @param second 0xRRGGBB
 * @param period width of a stripe, a field or a grain, as part of the frame's shorter side
 * @param angle direction of stripes and gradients, in radians
 * @param seed of the noise
 */
public record Background(Pattern pattern, int first, int second, double period, double angle, long seed) {
    /** Lay-outs of the two tones. */
    public enum Pattern {
        /** Only the first tone. */
        PLAIN,
        /** From the first to the second, across the frame. */
        GRADIENT,
        /** Parallel bands. */
        STRIPES,
        /** Fields as on a chess board. */
        CHECKER,
        /** Grains of random mixtures. */
        NOISE
    }

    private static final int DARK = 0x181820;
    private static final int HALF = 128;

    public Background {
        if (!(period > 0 && period <= 1)) {
            throw new IllegalArgumentException("period is %s, allowed are numbers above 0 up to 1".formatted(period));
        }
    }

    /** The dark plain ground of canonical scenes. */
    public static Background plainDark() {
        return plain(DARK);
    }

    /** One tone everywhere. */
    public static Background plain(int rgb) {
        return new Background(Pattern.PLAIN, rgb, rgb, 1, 0, 0);
    }

    /** Whether its first tone is nearer to black than to white. */
    public boolean isDark() {
        return (((first >> 16) & 0xff) + ((first >> 8) & 0xff) + (first & 0xff)) / 3 < HALF;
    }
}
