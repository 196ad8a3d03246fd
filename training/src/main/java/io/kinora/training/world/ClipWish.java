package io.kinora.training.world;

import java.util.Optional;

/**
 * Which scenes are wanted. What is absent may be anything.
 *
 * @param colour of the shape
 * @param shape its outline
 * @param motion the only thing it does
 * @param paint a colour that the world does not have, in which the shape is painted instead of its own
 */
public record ClipWish(Optional<Colour> colour, Optional<Shape> shape, Optional<Motion> motion, Optional<Paint> paint) {
    /** Any scene. */
    public static final ClipWish ANY =
            new ClipWish(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * A colour of one's own.
     *
     * @param word what it is called, in lower-case letters
     * @param rgb 0xRRGGBB
     */
    public record Paint(String word, int rgb) {
        public Paint {
            if (!word.matches("[a-z]+")) {
                throw new IllegalArgumentException(
                        "a colour's word has lower-case letters only, got '%s'".formatted(word));
            }
            if (rgb < 0 || rgb > 0xffffff) {
                throw new IllegalArgumentException("a colour is 000000 to ffffff, got %x".formatted(rgb));
            }
        }
    }

    public ClipWish {
        if (colour.isPresent() && paint.isPresent()) {
            throw new IllegalArgumentException("a shape has one colour: the world's or a new one, not both");
        }
        if (shape.isPresent() && motion.isPresent() && !motion.get().suits(shape.get())) {
            throw new IllegalArgumentException(
                    "nobody sees a %s spin".formatted(shape.get().word()));
        }
    }

    /** Whether a scene of one shape is wanted. */
    boolean allows(Scene scene) {
        Sprite sprite = scene.first();
        return colour.filter(wanted -> sprite.colour() != wanted).isEmpty()
                && shape.filter(wanted -> sprite.shape() != wanted).isEmpty()
                && motion.filter(wanted -> sprite.hasTwoPhases() || sprite.motion() != wanted)
                        .isEmpty();
    }

    /** The scene in the colour that is wanted. */
    Scene painted(Scene scene) {
        return paint.map(wanted -> new Scene(
                        scene.sprites().stream()
                                .map(sprite -> sprite.paintedIn(wanted.rgb()))
                                .toList(),
                        scene.background()))
                .orElse(scene);
    }

    /** A sentence about the scene in the word of the colour that is wanted. */
    String reworded(Scene scene, String text) {
        return paint.map(
                        wanted -> text.replaceAll("\\b" + scene.first().colour().word() + "\\b", wanted.word()))
                .orElse(text);
    }
}
