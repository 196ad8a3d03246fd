package io.kinora.video;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A picture of packed 8-bit RGB, [height][width][3] bytes, sRGB-like, full range, top row first. Immutable.
 *
 * <p>Pixels live on the Java heap: a frame borrows nothing from FFmpeg and may be passed between threads.
 */
public final class RgbFrame {
    private final int width;
    private final int height;
    private final byte[] pixels; // [height][width][3]

    private RgbFrame(int width, int height, byte[] pixels) {
        this.width = width;
        this.height = height;
        this.pixels = pixels;
    }

    /**
     * A frame of these pixels, which are copied.
     *
     * @throws IllegalArgumentException if a size is below 1 or the number of bytes is not height × width × 3
     */
    public static RgbFrame of(int width, int height, byte[] pixels) {
        return wrap(width, height, pixels.clone());
    }

    /** A frame that owns the array from now on: the caller keeps no reference to it. */
    static RgbFrame wrap(int width, int height, byte[] pixels) {
        int expected = byteCount(width, height);
        if (pixels.length != expected) {
            throw new IllegalArgumentException("a %d×%d frame has %,d bytes, expected height × width × 3 = %,d"
                    .formatted(width, height, pixels.length, expected));
        }
        return new RgbFrame(width, height, pixels);
    }

    /**
     * Copies out of a buffer that its owner is about to overwrite; its rows start {@code stride} bytes apart, from index 0.
     *
     * @throws IllegalArgumentException if a size is below 1, a row does not fit its stride, or the buffer is too short
     */
    public static RgbFrame copyOf(ByteBuffer borrowed, int width, int height, int stride) {
        byte[] pixels = new byte[byteCount(width, height)];
        int row = width * 3;
        if (stride < row || borrowed.limit() < (long) stride * (height - 1) + row) {
            throw new IllegalArgumentException("%,d bytes with rows %d bytes apart hold no %d×%d frame"
                    .formatted(borrowed.limit(), stride, width, height));
        }
        for (int y = 0; y < height; y++) {
            borrowed.get(y * stride, pixels, y * row, row);
        }
        return new RgbFrame(width, height, pixels);
    }

    /** Pixels in a row. */
    public int width() {
        return width;
    }

    /** Rows. */
    public int height() {
        return height;
    }

    /** A read-only view of all bytes, [height][width][3]. */
    public ByteBuffer pixels() {
        return ByteBuffer.wrap(pixels).asReadOnlyBuffer();
    }

    /** A copy of all bytes, [height][width][3]. */
    public byte[] toByteArray() {
        return pixels.clone();
    }

    /**
     * One sample, 0 to 255; channel 0 is red, 1 green, 2 blue.
     *
     * @throws IndexOutOfBoundsException outside the frame
     */
    public int sample(int x, int y, int channel) {
        if (x < 0 || x >= width || y < 0 || y >= height || channel < 0 || channel > 2) {
            throw new IndexOutOfBoundsException(
                    "no sample (%d, %d) of channel %d in a %d×%d frame".formatted(x, y, channel, width, height));
        }
        return pixels[(y * width + x) * 3 + channel] & 0xff;
    }

    /**
     * The rectangle whose top left pixel is (x, y).
     *
     * @throws IllegalArgumentException if it is empty or reaches outside the frame
     */
    public RgbFrame crop(int x, int y, int cropWidth, int cropHeight) {
        if (x < 0 || y < 0 || cropWidth < 1 || cropHeight < 1 || x > width - cropWidth || y > height - cropHeight) {
            throw new IllegalArgumentException("a crop of %d×%d at (%d, %d) does not fit a %d×%d frame"
                    .formatted(cropWidth, cropHeight, x, y, width, height));
        }
        byte[] cropped = new byte[byteCount(cropWidth, cropHeight)];
        for (int row = 0; row < cropHeight; row++) {
            System.arraycopy(pixels, ((y + row) * width + x) * 3, cropped, row * cropWidth * 3, cropWidth * 3);
        }
        return new RgbFrame(cropWidth, cropHeight, cropped);
    }

    /**
     * The rectangle in the middle; where the margins are odd, its corner is rounded to even as torchvision does.
     *
     * @throws IllegalArgumentException if it is empty or larger than the frame
     */
    public RgbFrame centerCrop(int cropWidth, int cropHeight) {
        int x = (int) Math.rint((width - cropWidth) / 2.0);
        int y = (int) Math.rint((height - cropHeight) / 2.0);
        return crop(x, y, cropWidth, cropHeight);
    }

    /** The pixels themselves, for readers in this package that change nothing. */
    byte[] array() {
        return pixels;
    }

    static int byteCount(int width, int height) {
        if (width < 1 || height < 1 || (long) width * height > Integer.MAX_VALUE / 3) {
            throw new IllegalArgumentException(
                    "a frame is at least 1×1 and has at most 2 GiB, got %d×%d".formatted(width, height));
        }
        return width * height * 3;
    }

    /** True for a frame of the same size and the same bytes. */
    @Override
    public boolean equals(Object other) {
        return other instanceof RgbFrame frame
                && width == frame.width
                && height == frame.height
                && Arrays.equals(pixels, frame.pixels);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + height) + Arrays.hashCode(pixels);
    }

    @Override
    public String toString() {
        return "RgbFrame[%d×%d]".formatted(width, height);
    }
}
