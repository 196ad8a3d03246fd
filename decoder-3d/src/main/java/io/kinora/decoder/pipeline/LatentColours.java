package io.kinora.decoder.pipeline;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Colours of latents without the VAE: each latent pixel is taken through one matrix and one offset to a colour, {@code rgb = W z + b}.
 *
 * <p>W and b are fitted to the checkpoint's own VAE, once: latents of even patches, normally distributed as latents are, are decoded; the
 * mean colour of each patch against its latent gives W and b by least squares. No constants of any one VAE are built in.
 *
 * <p>Thread-safe.
 */
final class LatentColours {
    private static final long SEED = 1;
    private static final int PATCHES = 4; // in each direction of one sample image
    private static final int PATCH = 4; // latent pixels in each direction
    private static final int SAMPLES = 3;

    private final Tensor weight; // [3, C]
    private final Tensor offset; // [3]

    private LatentColours(Tensor weight, Tensor offset) {
        this.weight = weight;
        this.offset = offset;
    }

    /**
     * Fits the matrix.
     *
     * @param decode latents {@code [N, C, Y, X]} as the U-Net has them, to pixels {@code [N, 3, 8·Y, 8·X]} in 0 to 1
     */
    static LatentColours fit(Engine engine, int channels, UnaryOperator<Tensor> decode) {
        try (Scope scope = engine.scope()) {
            Tensor patches = new TorchRandom(SEED).normal(engine, SAMPLES, channels, PATCHES, PATCHES);
            Tensor latents = patches.repeatInterleave(PATCH, 2).repeatInterleave(PATCH, 3);
            Tensor pixels = decode.apply(latents);
            Tensor colours = engine.avgPool2d(pixels, (int) pixels.dim(2) / PATCHES); // [N, 3, P, P]
            float[][] z = rows(patches, channels);
            float[][] rgb = rows(colours, 3);
            double[][] solution = leastSquares(z, rgb); // [C + 1][3]
            float[] weight = new float[3 * channels];
            float[] offset = new float[3];
            for (int colour = 0; colour < 3; colour++) {
                for (int c = 0; c < channels; c++) {
                    weight[colour * channels + c] = (float) solution[c][colour];
                }
                offset[colour] = (float) solution[channels][colour];
            }
            return new LatentColours(scope.detach(engine.of(weight, 3, channels)), scope.detach(engine.of(offset, 3)));
        }
    }

    private static float[][] rows(Tensor images, int channels) {
        float[] flat = images.permute(0, 2, 3, 1).contiguous().toFloats();
        float[][] rows = new float[flat.length / channels][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * channels, (i + 1) * channels);
        }
        return rows;
    }

    /** Coefficients that take each x, with a 1 behind it, nearest to y: the normal equations, by Gauss-Jordan elimination. */
    static double[][] leastSquares(float[][] x, float[][] y) {
        int unknowns = x[0].length + 1;
        int outputs = y[0].length;
        double[][] system = new double[unknowns][unknowns + outputs];
        for (int row = 0; row < x.length; row++) {
            for (int i = 0; i < unknowns; i++) {
                double xi = i < unknowns - 1 ? x[row][i] : 1;
                for (int j = 0; j < unknowns; j++) {
                    system[i][j] += xi * (j < unknowns - 1 ? x[row][j] : 1);
                }
                for (int k = 0; k < outputs; k++) {
                    system[i][unknowns + k] += xi * y[row][k];
                }
            }
        }
        // The matrix is symmetric and positive definite, so no rows need to be exchanged.
        for (int pivot = 0; pivot < unknowns; pivot++) {
            double divisor = system[pivot][pivot];
            for (int j = pivot; j < unknowns + outputs; j++) {
                system[pivot][j] /= divisor;
            }
            for (int i = 0; i < unknowns; i++) {
                double factor = system[i][pivot];
                for (int j = pivot; i != pivot && j < unknowns + outputs; j++) {
                    system[i][j] -= factor * system[pivot][j];
                }
            }
        }
        double[][] solution = new double[unknowns][];
        for (int i = 0; i < unknowns; i++) {
            solution[i] = Arrays.copyOfRange(system[i], unknowns, unknowns + outputs);
        }
        return solution;
    }

    /** Pictures of latents {@code [F, C, Y, X]}, one pixel a latent. */
    List<PixelFrame> pictures(Tensor latents) {
        try (Scope scope = latents.engine().scope()) {
            Tensor colours = latents.engine()
                    .linear(latents.permute(0, 2, 3, 1), weight, Optional.of(offset))
                    .permute(0, 3, 1, 2)
                    .clamp(0, 1); // [F, 3, Y, X]
            List<PixelFrame> frames = new ArrayList<>();
            for (long f = 0; f < colours.dim(0); f++) {
                frames.add(PixelFrame.of(colours.select(0, f)));
            }
            return frames;
        }
    }

    void close() {
        weight.close();
        offset.close();
    }
}
