package io.kinora.decoder.pipeline;

/**
 * The picture that a network with size conditioning (SDXL, Emu2's image decoder) is told to have cut its own from.
 *
 * @param originalHeight pixels before the picture was resized
 * @param originalWidth pixels before the picture was resized
 * @param top first row of the crop
 * @param left first column of the crop
 */
public record Framing(int originalHeight, int originalWidth, int top, int left) {
    /** What Emu2's own pipeline tells its decoder. */
    public static final Framing EMU2 = whole(1024, 1024);

    /** Checks that there is a picture. */
    public Framing {
        if (originalHeight < 1 || originalWidth < 1) {
            throw new InvalidRequestException(
                    "original size", "%d x %d".formatted(originalWidth, originalHeight), "1 pixel or more each way");
        }
    }

    /** A picture of that size, whole. */
    static Framing whole(int height, int width) {
        return new Framing(height, width, 0, 0);
    }
}
