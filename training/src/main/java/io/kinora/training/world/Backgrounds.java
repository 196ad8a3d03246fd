package io.kinora.training.world;

import io.kinora.training.world.Background.Pattern;
import java.util.List;
import java.util.SplittableRandom;

/** Draws backgrounds that shapes stand out from: dark ones always, light ones where no shape is light itself. */
final class Backgrounds {
    private static final double LIGHT_SHARE = 0.35;
    private static final int TINT = 10;
    private static final int DARKEST = 12;
    private static final int DARK_RANGE = 44;
    private static final int LIGHTEST = 235;
    private static final int LIGHT_RANGE = 40;
    private static final int LEAST_STEP = 14;
    private static final int STEP_RANGE = 18;
    private static final double LEAST_PERIOD = 0.08;
    private static final double PERIOD_RANGE = 0.14;
    private static final double GRAIN = 0.03;
    private static final List<Colour> LIGHT_COLOURS = List.of(Colour.WHITE, Colour.YELLOW, Colour.PINK);

    private final SplittableRandom random;

    Backgrounds(SplittableRandom random) {
        this.random = random;
    }

    Background draw(List<Sprite> sprites) {
        boolean lightAllowed = sprites.stream().map(Sprite::colour).noneMatch(LIGHT_COLOURS::contains);
        boolean light = random.nextDouble() < LIGHT_SHARE && lightAllowed;
        Pattern pattern = List.of(Pattern.values()).get(random.nextInt(Pattern.values().length));
        int tone = light ? LIGHTEST - random.nextInt(LIGHT_RANGE) : DARKEST + random.nextInt(DARK_RANGE);
        int step = LEAST_STEP + random.nextInt(STEP_RANGE);
        double period = pattern == Pattern.NOISE ? GRAIN : LEAST_PERIOD + random.nextDouble() * PERIOD_RANGE;
        return new Background(
                pattern,
                tinted(tone),
                tinted(light ? tone - step : tone + step),
                period,
                random.nextDouble() * Math.PI,
                random.nextLong());
    }

    private int tinted(int tone) {
        int rgb = 0;
        for (int channel = 0; channel < 3; channel++) {
            rgb = (rgb << 8) | Math.max(0, Math.min(255, tone + random.nextInt(2 * TINT + 1) - TINT));
        }
        return rgb;
    }
}
