package io.kinora.decoder.pipeline;

/**
 * Pixels of a frame; multiples of 8, as the released VAEs make one latent of 8 x 8 of them.
 *
 * @param width pixels in a row
 * @param height rows
 */
public record FrameSize(int width, int height) {
    private static final int STEP = 8;

    /** Checks that both are positive multiples of 8. */
    public FrameSize {
        check("width", width);
        check("height", height);
    }

    private static void check(String field, int value) {
        if (value < STEP || value % STEP != 0) {
            throw new InvalidRequestException(field, value, "a multiple of 8 from 8 on");
        }
    }

    long pixels() {
        return (long) width * height;
    }

    /** {@code 576x320}. */
    @Override
    public String toString() {
        return width + "x" + height;
    }
}
