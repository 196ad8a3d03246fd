package io.kinora.training.eval;

import io.kinora.training.world.Colour;

/** Names the colour of a pixel by its hue; what is nearly grey has none. */
final class Hues {
    /** From this difference between the strongest and the weakest channel on, a pixel belongs to a coloured shape. */
    static final int COLOURED = 60;

    private static final int WHITE = 190;
    private static final int GREY = 40;

    private Hues() {}

    /** The strongest less the weakest channel. */
    static int chroma(int red, int green, int blue) {
        return Math.max(red, Math.max(green, blue)) - Math.min(red, Math.min(green, blue));
    }

    /** Nearly white. */
    static boolean isWhite(int red, int green, int blue) {
        return Math.min(red, Math.min(green, blue)) > WHITE && chroma(red, green, blue) < GREY;
    }

    /** The palette's colour of a coloured pixel. */
    static Colour of(int red, int green, int blue) {
        double hue = hue(red, green, blue);
        if (hue < 17 || hue >= 347) {
            return Colour.RED;
        } else if (hue < 43) {
            return Colour.ORANGE;
        } else if (hue < 78) {
            return Colour.YELLOW;
        } else if (hue < 178) {
            return Colour.GREEN;
        } else if (hue < 251) {
            return Colour.BLUE;
        }
        return hue < 302 ? Colour.PURPLE : Colour.PINK;
    }

    /** In degrees, 0 is red, 120 green. */
    private static double hue(int red, int green, int blue) {
        double chroma = Math.max(1, chroma(red, green, blue));
        double sextant;
        if (red >= green && red >= blue) {
            sextant = (green - blue) / chroma;
        } else if (green >= blue) {
            sextant = (blue - red) / chroma + 2;
        } else {
            sextant = (red - green) / chroma + 4;
        }
        return (sextant * 60 + 360) % 360;
    }
}
