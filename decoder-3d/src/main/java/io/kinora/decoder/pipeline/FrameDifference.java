package io.kinora.decoder.pipeline;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * How much frames differ from others that they are to stand in for, such as those of a {@link StepCache} from the exact ones.
 *
 * @param psnr peak signal-to-noise ratio over all pixels and colours, in dB; infinite for equal frames
 * @param ssim structural similarity of the luma, mean over all frames, 1 for equal frames; Wang et al. 2004, with their 11 x 11
 *     Gaussian window of deviation 1.5
 */
public record FrameDifference(double psnr, double ssim) {
    private static final int RADIUS = 5;
    private static final double DEVIATION = 1.5;
    private static final double PEAK = 255;
    private static final double C1 = 0.01 * PEAK * (0.01 * PEAK);
    private static final double C2 = 0.03 * PEAK * (0.03 * PEAK);
    private static final double[] WINDOW = window();

    /**
     * Compares frame by frame.
     *
     * @throws IllegalArgumentException if numbers or sizes differ
     */
    public static FrameDifference between(List<PixelFrame> frames, List<PixelFrame> references) {
        if (frames.size() != references.size() || frames.isEmpty()) {
            throw new IllegalArgumentException(
                    "%d frames cannot be compared with %d".formatted(frames.size(), references.size()));
        }
        double squares = 0;
        long values = 0;
        double similarity = 0;
        for (int f = 0; f < frames.size(); f++) {
            PixelFrame frame = frames.get(f);
            PixelFrame reference = references.get(f);
            if (frame.width() != reference.width() || frame.height() != reference.height()) {
                throw new IllegalArgumentException("%s cannot be compared with %s".formatted(frame, reference));
            }
            ByteBuffer a = frame.rgb();
            ByteBuffer b = reference.rgb();
            values += a.remaining();
            while (a.hasRemaining()) {
                double difference = (a.get() & 0xff) - (b.get() & 0xff);
                squares += difference * difference;
            }
            similarity += similarity(luma(frame), luma(reference), frame.width(), frame.height());
        }
        double psnr = squares == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(PEAK * PEAK * values / squares);
        return new FrameDifference(psnr, similarity / frames.size());
    }

    private static double[] window() {
        double[] window = new double[2 * RADIUS + 1];
        double sum = 0;
        for (int i = 0; i < window.length; i++) {
            window[i] = Math.exp(-(i - RADIUS) * (i - RADIUS) / (2 * DEVIATION * DEVIATION));
            sum += window[i];
        }
        for (int i = 0; i < window.length; i++) {
            window[i] /= sum;
        }
        return window;
    }

    /** ITU-R BT.601. */
    private static double[] luma(PixelFrame frame) {
        ByteBuffer rgb = frame.rgb();
        double[] luma = new double[frame.width() * frame.height()];
        for (int i = 0; i < luma.length; i++) {
            luma[i] = 0.299 * (rgb.get() & 0xff) + 0.587 * (rgb.get() & 0xff) + 0.114 * (rgb.get() & 0xff);
        }
        return luma;
    }

    private static double similarity(double[] a, double[] b, int width, int height) {
        double[] meanA = blur(a, width, height);
        double[] meanB = blur(b, width, height);
        double[] squareA = blur(product(a, a), width, height);
        double[] squareB = blur(product(b, b), width, height);
        double[] both = blur(product(a, b), width, height);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double varianceA = squareA[i] - meanA[i] * meanA[i];
            double varianceB = squareB[i] - meanB[i] * meanB[i];
            double covariance = both[i] - meanA[i] * meanB[i];
            double luminance = (2 * meanA[i] * meanB[i] + C1) / (meanA[i] * meanA[i] + meanB[i] * meanB[i] + C1);
            sum += luminance * (2 * covariance + C2) / (varianceA + varianceB + C2);
        }
        return sum / a.length;
    }

    private static double[] product(double[] a, double[] b) {
        double[] product = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            product[i] = a[i] * b[i];
        }
        return product;
    }

    /** Rows, then columns; pixels beyond an edge are those at the edge. */
    private static double[] blur(double[] image, int width, int height) {
        double[] rows = new double[image.length];
        double[] blurred = new double[image.length];
        for (int i = 0; i < image.length; i++) {
            int x = i % width;
            for (int k = -RADIUS; k <= RADIUS; k++) {
                rows[i] += WINDOW[k + RADIUS] * image[i - x + Math.min(Math.max(x + k, 0), width - 1)];
            }
        }
        for (int i = 0; i < image.length; i++) {
            int y = i / width;
            for (int k = -RADIUS; k <= RADIUS; k++) {
                blurred[i] += WINDOW[k + RADIUS] * rows[Math.min(Math.max(y + k, 0), height - 1) * width + i % width];
            }
        }
        return blurred;
    }
}
