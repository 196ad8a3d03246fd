package io.kinora.decoder.schedule;

import io.kinora.tensor.Tensor;

/**
 * A run over samples {@code clean + sigma · noise}, whose variance grows with sigma: the model is given them scaled back to unit
 * variance.
 */
abstract class EulerRun extends AbstractRun {
    private final float[] sigmas;
    private final PredictionType predictionType;
    private final double initNoiseSigma;

    /**
     * @param sigmas one more than timesteps at least: the noise level before each evaluation, and after the last
     */
    EulerRun(double[] timesteps, float[] sigmas, PredictionType predictionType, TimestepSpacing spacing) {
        super(timesteps);
        this.sigmas = sigmas;
        this.predictionType = predictionType;
        double largest = 0;
        for (float sigma : sigmas) {
            largest = Math.max(largest, sigma);
        }
        this.initNoiseSigma = spacing == TimestepSpacing.LEADING ? Math.sqrt(largest * largest + 1) : largest;
    }

    final double sigma(int i) {
        return sigmas[i];
    }

    @Override
    public final double initNoiseSigma() {
        return initNoiseSigma;
    }

    @Override
    public final Tensor scaleModelInput(Tensor sample, int i) {
        return sample.mul(alpha(i));
    }

    @Override
    public final Tensor predictClean(Tensor modelOutput, int i, Tensor sample) {
        return clean(i).of(sample, modelOutput);
    }

    @Override
    public final Tensor addNoise(Tensor clean, Tensor noise, int i) {
        return Sums.weighted(clean, 1, noise, sigma(i));
    }

    /** Along the straight line from the sample to the clean sample, as far as the noise level {@code after}. */
    final Tensor towardsClean(Tensor modelOutput, int i, Tensor sample, double after) {
        double stay = after / sigma(i);
        return clean(i).times(1 - stay).plus(new Mix(stay, 0)).of(sample, modelOutput);
    }

    private double alpha(int i) {
        return 1 / Math.sqrt(sigma(i) * sigma(i) + 1);
    }

    private Mix clean(int i) {
        double alpha = alpha(i);
        Mix clean = predictionType.clean(alpha, sigma(i) * alpha);
        return new Mix(clean.sample() * alpha, clean.output());
    }
}
