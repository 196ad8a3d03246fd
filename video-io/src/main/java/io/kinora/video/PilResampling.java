package io.kinora.video;

import java.util.Arrays;

/**
 * Pillow's resampling of 8-bit images (its {@code Resample.c}): for each output position a window of the input, weights
 * in fixed point with 22 fraction bits, horizontally first, rounded to bytes after each pass.
 */
final class PilResampling {
    private static final int FRACTION_BITS = 22;
    private static final int HALF = 1 << (FRACTION_BITS - 1);

    private PilResampling() {}

    static RgbFrame resize(RgbFrame frame, FrameSize size, FrameResizer.Filter filter) {
        int width = frame.width();
        int height = frame.height();
        byte[] pixels = frame.array();
        if (size.width() != width) {
            pixels = horizontally(pixels, width, height, new Windows(width, size.width(), filter));
            width = size.width();
        }
        if (size.height() != height) {
            pixels = vertically(pixels, width, new Windows(height, size.height(), filter));
            height = size.height();
        }
        return pixels == frame.array() ? frame : RgbFrame.wrap(width, height, pixels);
    }

    private static byte[] horizontally(byte[] from, int width, int height, Windows windows) {
        int newWidth = windows.count();
        byte[] to = new byte[RgbFrame.byteCount(newWidth, height)];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < newWidth; x++) {
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                int source = (y * width + windows.first[x]) * 3;
                int weights = x * windows.widest;
                for (int k = 0; k < windows.length[x]; k++, source += 3) {
                    int weight = windows.weights[weights + k];
                    red += (from[source] & 0xff) * weight;
                    green += (from[source + 1] & 0xff) * weight;
                    blue += (from[source + 2] & 0xff) * weight;
                }
                int target = (y * newWidth + x) * 3;
                to[target] = clamp(red);
                to[target + 1] = clamp(green);
                to[target + 2] = clamp(blue);
            }
        }
        return to;
    }

    private static byte[] vertically(byte[] from, int width, Windows windows) {
        int newHeight = windows.count();
        int row = width * 3;
        byte[] to = new byte[RgbFrame.byteCount(width, newHeight)];
        int[] sums = new int[row];
        for (int y = 0; y < newHeight; y++) {
            Arrays.fill(sums, HALF);
            for (int k = 0; k < windows.length[y]; k++) {
                int weight = windows.weights[y * windows.widest + k];
                int source = (windows.first[y] + k) * row;
                for (int i = 0; i < row; i++) {
                    sums[i] += (from[source + i] & 0xff) * weight;
                }
            }
            for (int i = 0; i < row; i++) {
                to[y * row + i] = clamp(sums[i]);
            }
        }
        return to;
    }

    private static byte clamp(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> FRACTION_BITS));
    }

    /** For each output position, where its window of the input begins, how long it is, and its weights. */
    private static final class Windows {
        private final int[] first;
        private final int[] length;
        private final int widest;
        private final int[] weights; // [count][widest]

        Windows(int from, int to, FrameResizer.Filter filter) {
            double scale = (double) from / to;
            double filterScale = Math.max(1, scale);
            double support = (filter == FrameResizer.Filter.BICUBIC ? 2 : 1) * filterScale;
            this.first = new int[to];
            this.length = new int[to];
            this.widest = (int) Math.ceil(support) * 2 + 1;
            this.weights = new int[to * widest];
            double[] exact = new double[widest];
            for (int i = 0; i < to; i++) {
                double center = (i + 0.5) * scale;
                first[i] = Math.max(0, (int) (center - support + 0.5));
                length[i] = Math.min(from, (int) (center + support + 0.5)) - first[i];
                double sum = 0;
                for (int k = 0; k < length[i]; k++) {
                    exact[k] = Kernels.antialiased(filter, (k + first[i] - center + 0.5) * (1.0 / filterScale));
                    sum += exact[k];
                }
                for (int k = 0; k < length[i]; k++) {
                    double weight = exact[k] / sum * (1 << FRACTION_BITS);
                    weights[i * widest + k] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
                }
            }
        }

        int count() {
            return first.length;
        }
    }
}
