package io.kinora.video;

import java.nio.FloatBuffer;

/**
 * A picture of packed RGB floats, [height][width][3], in the range of bytes (0 to 255, and a little beyond where a
 * bicubic filter overshoots). Immutable.
 */
public final class FloatFrame {
    private final int width;
    private final int height;
    private final float[] values; // [height][width][3]

    private FloatFrame(int width, int height, float[] values) {
        this.width = width;
        this.height = height;
        this.values = values;
    }

    /** A frame that owns the array from now on. */
    static FloatFrame wrap(int width, int height, float[] values) {
        if (values.length != RgbFrame.byteCount(width, height)) {
            throw new IllegalArgumentException(
                    "a %d×%d frame has height × width × 3 values, got %d".formatted(width, height, values.length));
        }
        return new FloatFrame(width, height, values);
    }

    /** Pixels in a row. */
    public int width() {
        return width;
    }

    /** Rows. */
    public int height() {
        return height;
    }

    /** A read-only view of all values, [height][width][3]. */
    public FloatBuffer values() {
        return FloatBuffer.wrap(values).asReadOnlyBuffer();
    }

    /** The nearest bytes: rounded half to even and clamped to 0 to 255, as torchvision does for 8-bit images. */
    public RgbFrame toRgb() {
        byte[] pixels = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            pixels[i] = (byte) Math.max(0, Math.min(255, (int) Math.rint(values[i])));
        }
        return RgbFrame.wrap(width, height, pixels);
    }

    @Override
    public String toString() {
        return "FloatFrame[%d×%d]".formatted(width, height);
    }
}
