package io.kinora.training.world;

import java.util.Locale;

/** The colours of shapes. Backgrounds are nearly grey, so that each of these stands out. */
public enum Colour {
    RED(0xdc2828),
    ORANGE(0xf58c14),
    YELLOW(0xf0dc1e),
    GREEN(0x28b43c),
    BLUE(0x2850e6),
    PURPLE(0x8c32d2),
    PINK(0xff78be),
    WHITE(0xf5f5f5);

    private final int rgb;

    Colour(int rgb) {
        this.rgb = rgb;
    }

    /** Its usual shade, as 0xRRGGBB; scenes vary it a little. */
    public int rgb() {
        return rgb;
    }

    /** As {@code red}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
