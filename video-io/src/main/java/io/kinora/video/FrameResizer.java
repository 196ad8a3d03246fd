package io.kinora.video;

/**
 * Resizes frames exactly as the libraries do that models were trained with: a picture resized another way is another
 * picture to a model. Stateless; safe for use by several threads.
 */
public final class FrameResizer {
    /** How a new pixel is made from old ones. */
    public enum Filter {
        /** Weights falling linearly to zero at one pixel's distance. */
        BILINEAR,
        /** Keys' cubic convolution over two pixels' distance. */
        BICUBIC
    }

    private FrameResizer() {}

    /**
     * As {@code PIL.Image.resize} of an RGB image, byte for byte: always with antialiasing, in two passes with 8 bits
     * between them, cubic parameter −½.
     */
    public static RgbFrame likePil(RgbFrame frame, FrameSize size, Filter filter) {
        return PilResampling.resize(frame, size, filter);
    }

    /**
     * As {@code torch.nn.functional.interpolate(x, size, mode, align_corners=False, antialias=False)} of the frame's
     * bytes as float32, within float rounding: four or sixteen neighbours whatever the scale, cubic parameter −¾.
     */
    public static FloatFrame likeTorch(RgbFrame frame, FrameSize size, Filter filter) {
        return TorchResampling.resize(frame, size, filter, false);
    }

    /**
     * As {@code torch.nn.functional.interpolate(x, size, mode, align_corners=False, antialias=True)} of the frame's bytes
     * as float32, within float rounding: a filter as wide as the scale, cubic parameter −½.
     */
    public static FloatFrame likeTorchAntialiased(RgbFrame frame, FrameSize size, Filter filter) {
        return TorchResampling.resize(frame, size, filter, true);
    }
}
