package io.kinora.video;

/** The float resampling of {@code torch.nn.functional.interpolate} with {@code align_corners=False}, width first. */
final class TorchResampling {
    private static final double CUBIC = -0.75;

    private TorchResampling() {}

    static FloatFrame resize(RgbFrame frame, FrameSize size, FrameResizer.Filter filter, boolean antialias) {
        byte[] bytes = frame.array();
        float[] pixels = new float[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            pixels[i] = bytes[i] & 0xff;
        }
        Taps across = antialias
                ? Taps.antialiased(frame.width(), size.width(), filter)
                : Taps.plain(frame.width(), size.width(), filter);
        Taps down = antialias
                ? Taps.antialiased(frame.height(), size.height(), filter)
                : Taps.plain(frame.height(), size.height(), filter);
        float[] narrowed = horizontally(pixels, frame.width(), frame.height(), across);
        return FloatFrame.wrap(size.width(), size.height(), vertically(narrowed, size.width(), down));
    }

    private static float[] horizontally(float[] from, int width, int height, Taps taps) {
        int newWidth = taps.count();
        float[] to = new float[RgbFrame.byteCount(newWidth, height)];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < newWidth; x++) {
                float red = 0;
                float green = 0;
                float blue = 0;
                for (int k = x * taps.widest; k < (x + 1) * taps.widest; k++) {
                    float weight = taps.weights[k];
                    int source = (y * width + taps.places[k]) * 3;
                    red += weight * from[source];
                    green += weight * from[source + 1];
                    blue += weight * from[source + 2];
                }
                int target = (y * newWidth + x) * 3;
                to[target] = red;
                to[target + 1] = green;
                to[target + 2] = blue;
            }
        }
        return to;
    }

    private static float[] vertically(float[] from, int width, Taps taps) {
        int row = width * 3;
        float[] to = new float[RgbFrame.byteCount(width, taps.count())];
        for (int y = 0; y < taps.count(); y++) {
            for (int k = y * taps.widest; k < (y + 1) * taps.widest; k++) {
                float weight = taps.weights[k];
                int source = taps.places[k] * row;
                for (int i = 0; i < row; i++) {
                    to[y * row + i] += weight * from[source + i];
                }
            }
        }
        return to;
    }

    /** For each output position, the input positions it is made from, and their weights; unused ones weigh nothing. */
    private static final class Taps {
        private final int widest;
        private final int[] places; // [count][widest]
        private final float[] weights; // [count][widest]

        private Taps(int count, int widest) {
            this.widest = widest;
            this.places = new int[count * widest];
            this.weights = new float[count * widest];
        }

        int count() {
            return places.length / widest;
        }

        static Taps plain(int from, int to, FrameResizer.Filter filter) {
            boolean cubic = filter == FrameResizer.Filter.BICUBIC;
            Taps taps = new Taps(to, cubic ? 4 : 2);
            float scale = (float) from / to;
            for (int i = 0; i < to; i++) {
                float at = Math.fma(scale, i + 0.5f, -0.5f);
                if (!cubic) {
                    at = Math.max(0, at);
                }
                int before = (int) Math.floor(at);
                float past = at - before;
                for (int k = 0; k < taps.widest; k++) {
                    int place = before + k - (cubic ? 1 : 0);
                    float distance = Math.abs(place - before - past);
                    taps.places[i * taps.widest + k] = Math.max(0, Math.min(from - 1, place));
                    taps.weights[i * taps.widest + k] = cubic ? (float) Kernels.cubic(distance, CUBIC) : 1 - distance;
                }
            }
            return taps;
        }

        static Taps antialiased(int from, int to, FrameResizer.Filter filter) {
            float scale = (float) from / to;
            float filterScale = Math.max(1, scale);
            float support = (filter == FrameResizer.Filter.BICUBIC ? 2 : 1) * filterScale;
            Taps taps = new Taps(to, (int) Math.ceil(support) * 2 + 1);
            for (int i = 0; i < to; i++) {
                float center = scale * (i + 0.5f);
                int first = Math.max(0, (int) (center - support + 0.5f));
                int length = Math.min(from, (int) (center + support + 0.5f)) - first;
                float sum = 0;
                for (int k = 0; k < length; k++) {
                    float weight = (float) Kernels.antialiased(filter, (k + first - center + 0.5f) / filterScale);
                    taps.places[i * taps.widest + k] = first + k;
                    taps.weights[i * taps.widest + k] = weight;
                    sum += weight;
                }
                for (int k = 0; k < length; k++) {
                    taps.weights[i * taps.widest + k] /= sum;
                }
            }
            return taps;
        }
    }
}
