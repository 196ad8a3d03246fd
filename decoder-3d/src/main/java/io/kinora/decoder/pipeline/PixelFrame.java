package io.kinora.decoder.pipeline;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** One picture: 8-bit RGB, rows from the top, three bytes a pixel without padding. Immutable. */
public final class PixelFrame {
    private static final int CHANNELS = 3;

    private final int width;
    private final int height;
    private final byte[] rgb;

    private PixelFrame(int width, int height, byte[] rgb) {
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    /**
     * Copies a buffer's remaining bytes, {@code height · width · 3} of them. The buffer's position stays.
     *
     * @throws InvalidRequestException if there are more or fewer
     */
    public static PixelFrame of(int width, int height, ByteBuffer rgb) {
        long expected = (long) width * height * CHANNELS;
        if (width < 1 || height < 1 || rgb.remaining() != expected) {
            throw new InvalidRequestException(
                    "frame",
                    "%d bytes for %d x %d pixels".formatted(rgb.remaining(), width, height),
                    expected + " bytes");
        }
        byte[] bytes = new byte[rgb.remaining()];
        rgb.duplicate().get(bytes);
        return new PixelFrame(width, height, bytes);
    }

    /**
     * Reads pixels off the device.
     *
     * @param pixels {@code [3, Y, X]} in 0 to 1; multiplied by 255 and rounded, halves to even, as the official image processor does. (The
     *     official video export, and pipelines of 2023, cut off the fraction instead.)
     */
    public static PixelFrame of(Tensor pixels) {
        try (Scope scope = pixels.engine().scope()) {
            Tensor bytes = pixels.to(DType.F32).mul(255).round().to(DType.U8).permute(1, 2, 0);
            return new PixelFrame(
                    (int) bytes.dim(1), (int) bytes.dim(0), bytes.contiguous().toBytes());
        }
    }

    /** Pixels {@code [3, Y, X]} from -1 to 1, {@link DType#F32}: what a VAE encodes. */
    Tensor toSignedPixels(Engine engine) {
        try (Scope scope = engine.scope()) {
            Tensor bytes = engine.copyOf(ByteBuffer.wrap(rgb), DType.U8, Shape.of(height, width, CHANNELS));
            Tensor unit = bytes.to(DType.F32).mul(1 / 255.0);
            return scope.keep(unit.mul(2).add(-1).permute(2, 0, 1).contiguous());
        }
    }

    /** Pixels in a row. */
    public int width() {
        return width;
    }

    /** Rows. */
    public int height() {
        return height;
    }

    /** The bytes, read-only. */
    public ByteBuffer rgb() {
        return ByteBuffer.wrap(rgb).asReadOnlyBuffer();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PixelFrame frame && width == frame.width && Arrays.equals(rgb, frame.rgb);
    }

    @Override
    public int hashCode() {
        return 31 * width + Arrays.hashCode(rgb);
    }

    @Override
    public String toString() {
        return "PixelFrame[%d x %d]".formatted(width, height);
    }
}
