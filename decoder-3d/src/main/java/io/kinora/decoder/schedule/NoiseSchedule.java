package io.kinora.decoder.schedule;

import java.util.Arrays;

/**
 * The noise levels a diffusion model was trained on: at training step t a sample is {@code sqrt(alphaBar[t]) · clean +
 * sqrt(1 - alphaBar[t]) · noise}.
 *
 * <p>Tables are in single precision, computed as PyTorch does (products accumulated in double), because a model's timesteps and
 * sigmas were chosen from such tables. Ho et al. 2020, arXiv:2006.11239; {@code alphaBar} is their alpha with a bar, {@code alphas_cumprod}
 * in the official schedulers. Immutable.
 */
public final class NoiseSchedule {
    /** Stands for an alphaBar of zero where a finite sigma is needed: the smallest positive half-precision number. */
    private static final float SMALLEST_ALPHA_BAR = 0x1p-24f;

    private final float[] alphaBars;

    private NoiseSchedule(float[] alphaBars) {
        this.alphaBars = alphaBars;
    }

    /**
     * The schedule of the given betas.
     *
     * @throws IllegalArgumentException if there is none, or one is not in {@code 0..1}
     */
    static NoiseSchedule ofBetas(float... betas) {
        if (betas.length == 0) {
            throw new IllegalArgumentException("a noise schedule needs at least one beta");
        }
        for (int t = 0; t < betas.length; t++) {
            if (!(betas[t] >= 0 && betas[t] <= 1)) {
                throw new IllegalArgumentException("beta %d is %s, allowed is 0 to 1".formatted(t, betas[t]));
            }
        }
        return new NoiseSchedule(cumulativeProduct(betas));
    }

    /** The schedule of a named curve. */
    static NoiseSchedule of(BetaSchedule curve, double start, double end, int count) {
        return ofBetas(curve.betas(start, end, count));
    }

    private static float[] cumulativeProduct(float[] betas) {
        float[] products = new float[betas.length];
        double product = 1;
        for (int t = 0; t < betas.length; t++) {
            product *= 1 - betas[t];
            products[t] = (float) product;
        }
        return products;
    }

    /**
     * This schedule stretched so that the last step is pure noise and the first one stays as it is; algorithm 1 of Lin et al. 2023,
     * arXiv:2305.08891.
     */
    NoiseSchedule rescaledToZeroTerminalSnr() {
        int count = alphaBars.length;
        float[] roots = new float[count];
        for (int t = 0; t < count; t++) {
            roots[t] = (float) Math.sqrt(alphaBars[t]);
        }
        float first = roots[0];
        float last = roots[count - 1];
        float scale = first / (first - last);
        float[] squares = new float[count];
        for (int t = 0; t < count; t++) {
            float root = (roots[t] - last) * scale;
            squares[t] = root * root;
        }
        float[] betas = new float[count];
        betas[0] = 1 - squares[0];
        for (int t = 1; t < count; t++) {
            betas[t] = 1 - squares[t] / squares[t - 1];
        }
        return new NoiseSchedule(cumulativeProduct(betas));
    }

    /** This schedule with a last alphaBar that keeps the last sigma finite. */
    NoiseSchedule withFiniteSigma() {
        float[] patched = alphaBars.clone();
        patched[patched.length - 1] = SMALLEST_ALPHA_BAR;
        return new NoiseSchedule(patched);
    }

    /** Number of training steps. */
    public int steps() {
        return alphaBars.length;
    }

    /** Share of the clean sample's variance at training step {@code t}. */
    public float alphaBar(int t) {
        return alphaBars[t];
    }

    /** Noise in units of the clean sample at training step {@code t}: {@code sqrt((1 - alphaBar) / alphaBar)}. */
    public float sigma(int t) {
        return (float) Math.sqrt((1 - alphaBars[t]) / alphaBars[t]);
    }

    /** All sigmas, rising with t. */
    float[] sigmas() {
        float[] sigmas = new float[alphaBars.length];
        for (int t = 0; t < sigmas.length; t++) {
            sigmas[t] = sigma(t);
        }
        return sigmas;
    }

    /** Sigma at a time between two training steps, by straight interpolation; outside, that of the nearest end. */
    double sigmaAt(double t) {
        if (t <= 0) {
            return sigma(0);
        }
        if (t >= alphaBars.length - 1) {
            return sigma(alphaBars.length - 1);
        }
        int below = (int) t;
        double low = sigma(below);
        return low + (sigma(below + 1) - low) * (t - below);
    }

    /** The time whose sigma this is, by straight interpolation of the logarithms. */
    double timeAt(double sigma) {
        double logSigma = Math.log(Math.max(sigma, 1e-10));
        int below = 0;
        while (below < alphaBars.length - 2 && logSigma(below + 1) <= logSigma) {
            below++;
        }
        float low = logSigma(below);
        float high = logSigma(below + 1);
        double share = (low - logSigma) / (low - high);
        return below + Math.min(Math.max(share, 0), 1);
    }

    private float logSigma(int t) {
        return (float) Math.log(sigma(t));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NoiseSchedule schedule && Arrays.equals(alphaBars, schedule.alphaBars);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(alphaBars);
    }

    @Override
    public String toString() {
        return "NoiseSchedule[%d steps, alphaBar %s to %s]"
                .formatted(alphaBars.length, alphaBars[0], alphaBars[alphaBars.length - 1]);
    }
}
