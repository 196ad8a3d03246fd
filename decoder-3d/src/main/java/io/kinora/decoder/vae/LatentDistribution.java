package io.kinora.decoder.vae;

import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;

/**
 * What the encoder says about an image: a normal distribution for each latent element.
 *
 * @param mean {@code [N, L, y, x]}
 * @param logvar {@code [N, L, y, x]}, natural logarithm of the variance, within -30..20
 */
public record LatentDistribution(Tensor mean, Tensor logvar) implements AutoCloseable {
    private static final double LOWEST = -30;
    private static final double HIGHEST = 20;

    /** From moments {@code [N, 2·L, y, x]}: mean first. */
    static LatentDistribution of(Scope scope, Tensor moments) {
        long latent = moments.dim(1) / 2;
        Tensor mean = moments.slice(1, 0, latent).contiguous();
        Tensor logvar =
                moments.slice(1, latent, 2 * latent).clamp(LOWEST, HIGHEST).contiguous();
        return new LatentDistribution(scope.keep(mean), scope.keep(logvar));
    }

    /** {@code mean + exp(logvar / 2) · noise}: a sample, given standard normal noise of the mean's shape. */
    public Tensor sample(Tensor noise) {
        try (Scope scope = mean.engine().scope()) {
            return scope.keep(logvar.mul(0.5).exp().mul(noise).add(mean));
        }
    }

    @Override
    public void close() {
        mean.close();
        logvar.close();
    }
}
