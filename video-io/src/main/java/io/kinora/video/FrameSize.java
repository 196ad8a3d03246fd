package io.kinora.video;

/**
 * Width and height of a frame.
 *
 * @param width pixels in a row, at least 1
 * @param height rows, at least 1
 */
public record FrameSize(int width, int height) {
    public FrameSize {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("a frame is at least 1×1, got %d×%d".formatted(width, height));
        }
    }

    /** The size of a frame. */
    public static FrameSize of(RgbFrame frame) {
        return new FrameSize(frame.width(), frame.height());
    }

    /** This shape with its shorter side scaled to a length, the longer one rounded down, as torchvision's Resize does. */
    public FrameSize withShortSide(int length) {
        return width <= height
                ? new FrameSize(length, (int) ((long) length * height / width))
                : new FrameSize((int) ((long) length * width / height), length);
    }

    /** This shape scaled to lie within a box, neither side below 1; never enlarged. */
    public FrameSize within(int boxWidth, int boxHeight) {
        if (width <= boxWidth && height <= boxHeight) {
            return this;
        }
        double scale = Math.min((double) boxWidth / width, (double) boxHeight / height);
        return new FrameSize(
                Math.max(1, Math.min(boxWidth, (int) Math.round(width * scale))),
                Math.max(1, Math.min(boxHeight, (int) Math.round(height * scale))));
    }
}
