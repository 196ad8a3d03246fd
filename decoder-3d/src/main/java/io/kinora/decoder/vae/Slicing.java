package io.kinora.decoder.vae;

/**
 * How much of a batch an autoencoder works on at once, which bounds its memory.
 *
 * @param images images at a time; the result does not depend on it
 * @param tiled whether an image larger than the network's sample size is cut into tiles; the result differs a little
 */
public record Slicing(int images, boolean tiled) {
    /** One image at a time, untiled. */
    public static final Slicing ONE = new Slicing(1, false);

    /** Checks that there is an image at a time. */
    public Slicing {
        if (images < 1) {
            throw new IllegalArgumentException("at least one image at a time, got " + images);
        }
    }

    /** So many images at a time, untiled. */
    public static Slicing of(int images) {
        return new Slicing(images, false);
    }

    /** As this, with tiles. */
    public Slicing withTiles() {
        return new Slicing(images, true);
    }
}
