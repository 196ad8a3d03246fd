package io.kinora.training.eval;

import io.kinora.video.RgbFrame;

/** How near one picture is to another: PSNR over all channels, and SSIM of the luma (Wang et al. 2004: Gaussian windows of 11×11, σ = 1.5). */
final class PictureQuality {
    private static final int WINDOW = 11;
    private static final double SIGMA = 1.5;
    private static final double PEAK = 255;
    private static final double C1 = (0.01 * PEAK) * (0.01 * PEAK);
    private static final double C2 = (0.03 * PEAK) * (0.03 * PEAK);

    private PictureQuality() {}

    /** Mean squared difference of all samples. */
    static double meanSquaredError(RgbFrame one, RgbFrame other) {
        requireSameSize(one, other);
        byte[] a = one.toByteArray();
        byte[] b = other.toByteArray();
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (a[i] & 0xff) - (b[i] & 0xff);
            sum += difference * difference;
        }
        return sum / a.length;
    }

    /** In decibels; infinite for no error. */
    static double psnr(double meanSquaredError) {
        return 10 * Math.log10(PEAK * PEAK / meanSquaredError);
    }

    /** 1 for equal pictures; only windows inside the picture count. */
    static double ssim(RgbFrame one, RgbFrame other) {
        requireSameSize(one, other);
        if (one.width() < WINDOW || one.height() < WINDOW) {
            throw new IllegalArgumentException("SSIM needs 11×11 pixels or more, got " + one);
        }
        double[][] a = luma(one);
        double[][] b = luma(other);
        double[][] meanA = blurred(a);
        double[][] meanB = blurred(b);
        double[][] squareA = blurred(product(a, a));
        double[][] squareB = blurred(product(b, b));
        double[][] both = blurred(product(a, b));
        double sum = 0;
        for (int y = 0; y < meanA.length; y++) {
            for (int x = 0; x < meanA[0].length; x++) {
                double ab = meanA[y][x] * meanB[y][x];
                double aa = meanA[y][x] * meanA[y][x];
                double bb = meanB[y][x] * meanB[y][x];
                double covariance = both[y][x] - ab;
                double variances = squareA[y][x] - aa + squareB[y][x] - bb;
                sum += (2 * ab + C1) * (2 * covariance + C2) / ((aa + bb + C1) * (variances + C2));
            }
        }
        return sum / (meanA.length * meanA[0].length);
    }

    private static void requireSameSize(RgbFrame one, RgbFrame other) {
        if (one.width() != other.width() || one.height() != other.height()) {
            throw new IllegalArgumentException(
                    "pictures of one size are compared, got %s and %s".formatted(one, other));
        }
    }

    private static double[][] luma(RgbFrame frame) {
        double[][] luma = new double[frame.height()][frame.width()];
        for (int y = 0; y < frame.height(); y++) {
            for (int x = 0; x < frame.width(); x++) {
                luma[y][x] =
                        0.299 * frame.sample(x, y, 0) + 0.587 * frame.sample(x, y, 1) + 0.114 * frame.sample(x, y, 2);
            }
        }
        return luma;
    }

    private static double[][] product(double[][] a, double[][] b) {
        double[][] product = new double[a.length][a[0].length];
        for (int y = 0; y < a.length; y++) {
            for (int x = 0; x < a[0].length; x++) {
                product[y][x] = a[y][x] * b[y][x];
            }
        }
        return product;
    }

    /** Gaussian means over all windows that lie inside. */
    private static double[][] blurred(double[][] picture) {
        double[] kernel = kernel();
        int height = picture.length - WINDOW + 1;
        int width = picture[0].length - WINDOW + 1;
        double[][] rows = new double[picture.length][width];
        for (int y = 0; y < picture.length; y++) {
            for (int x = 0; x < width; x++) {
                for (int k = 0; k < WINDOW; k++) {
                    rows[y][x] += kernel[k] * picture[y][x + k];
                }
            }
        }
        double[][] result = new double[height][width];
        for (int y = 0; y < height; y++) {
            for (int k = 0; k < WINDOW; k++) {
                for (int x = 0; x < width; x++) {
                    result[y][x] += kernel[k] * rows[y + k][x];
                }
            }
        }
        return result;
    }

    private static double[] kernel() {
        double[] kernel = new double[WINDOW];
        double sum = 0;
        for (int k = 0; k < WINDOW; k++) {
            double offset = k - WINDOW / 2;
            kernel[k] = Math.exp(-offset * offset / (2 * SIGMA * SIGMA));
            sum += kernel[k];
        }
        for (int k = 0; k < WINDOW; k++) {
            kernel[k] /= sum;
        }
        return kernel;
    }
}
