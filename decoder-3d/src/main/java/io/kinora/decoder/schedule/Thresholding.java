package io.kinora.decoder.schedule;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.Arrays;

/**
 * Dynamic thresholding: each row of a predicted clean sample is clamped to a quantile of its own magnitudes and divided by it; Saharia
 * et al. 2022, arXiv:2205.11487, section 2.3. Made for models of pixels; released latent models leave it off.
 *
 * @param ratio the quantile, 0 to 1
 * @param maxValue largest bound; bounds are never below 1
 */
record Thresholding(double ratio, double maxValue) {
    Thresholding {
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException("dynamic_thresholding_ratio is %s, allowed is 0 to 1".formatted(ratio));
        }
    }

    /** {@code clean [N, ...]}, thresholded row by row; the bounds are found on the host. */
    Tensor apply(Tensor clean) {
        Engine engine = clean.engine();
        int rows = Math.toIntExact(clean.dim(0));
        float[] values = clean.toFloats();
        int width = values.length / rows;
        float[] bounds = new float[rows];
        for (int row = 0; row < rows; row++) {
            bounds[row] = bound(Arrays.copyOfRange(values, row * width, (row + 1) * width));
        }
        long[] sizes = new long[clean.rank()];
        Arrays.fill(sizes, 1);
        sizes[0] = rows;
        return clean.to(DType.F32).div(engine.of(bounds, sizes)).clamp(-1, 1);
    }

    private float bound(float[] row) {
        for (int i = 0; i < row.length; i++) {
            row[i] = Math.abs(row[i]);
        }
        Arrays.sort(row);
        double position = ratio * (row.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, row.length - 1);
        double quantile = row[below] + (row[above] - row[below]) * (position - below);
        // An upper limit below 1 wins over the lower limit of 1, as in torch.clamp.
        return (float) Math.min(Math.max(quantile, 1), maxValue);
    }
}
