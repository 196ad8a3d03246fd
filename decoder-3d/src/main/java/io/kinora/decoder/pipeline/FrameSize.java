package io.kinora.decoder.pipeline;

/**
 * Pixels of a frame; multiples of 8, as a latent covers 8 x 8 of them.
 *
 * @param width pixels in a row
 * @param height rows
 */
public record FrameSize(int width, int height) {
    /** Pixels that a latent covers in each direction. */
    static final int PIXELS_PER_LATENT = 8;

    /** Checks that both are positive multiples of 8. */
    public FrameSize {
        check("width", width);
        check("height", height);
    }

    private static void check(String field, int value) {
        if (value < PIXELS_PER_LATENT || value % PIXELS_PER_LATENT != 0) {
            throw new InvalidRequestException(field, value, "a multiple of 8 from 8 on");
        }
    }

    int latentWidth() {
        return width / PIXELS_PER_LATENT;
    }

    int latentHeight() {
        return height / PIXELS_PER_LATENT;
    }

    /** {@code 576x320}. */
    @Override
    public String toString() {
        return width + "x" + height;
    }
}
