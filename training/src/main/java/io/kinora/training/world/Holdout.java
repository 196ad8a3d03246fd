package io.kinora.training.world;

/**
 * The rule that keeps combinations back: a colour, a shape and a motion together are held out if 3·colour + 2·shape +
 * motion, counted from 0 in the order of their declarations, leaves the rest 4 divided by 7.
 *
 * <p>One combination in seven is so never trained on, while every pair of a colour and a shape, of a colour and a motion and
 * of a shape and a motion is.
 */
public final class Holdout {
    private static final int MODULUS = 7;
    private static final int REST = 4;

    private Holdout() {}

    /** Whether no scene of the training split shows this. */
    @SuppressWarnings("EnumOrdinal") // The order of declaration is the rule.
    public static boolean reserves(Colour colour, Shape shape, Motion motion) {
        return (3 * colour.ordinal() + 2 * shape.ordinal() + motion.ordinal()) % MODULUS == REST;
    }

    /** Whether a shape does anything that is held out. */
    public static boolean reserves(Sprite sprite) {
        return sprite.motions().stream().anyMatch(motion -> reserves(sprite.colour(), sprite.shape(), motion));
    }

    /** Whether a scene belongs to the held-out split: at least one of its shapes does something held out. */
    public static boolean reserves(Scene scene) {
        return scene.sprites().stream().anyMatch(Holdout::reserves);
    }
}
