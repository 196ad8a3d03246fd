package io.kinora.decoder.pipeline;

import io.kinora.tensor.Tensor;
import java.util.Arrays;

/**
 * Classifier-free guidance: Ho and Salimans 2022, arXiv:2207.12598; rescale: Lin et al. 2023, arXiv:2305.08891, section 3.4.
 *
 * @param scale how far to go from the unconditional prediction through the conditional one; above 1 is on
 * @param rescale share by which the contrast of the conditional prediction is restored
 */
record Guidance(double scale, double rescale) {
    boolean isOn() {
        return scale > 1;
    }

    /** The guided prediction of two of shape {@code [B, ...]}. */
    Tensor combine(Tensor conditional, Tensor unconditional) {
        Tensor guided = unconditional.add(conditional.sub(unconditional).mul(scale));
        if (rescale == 0) {
            return guided;
        }
        long[] perSample = new long[guided.rank()];
        Arrays.fill(perSample, 1);
        perSample[0] = guided.dim(0);
        Tensor factor =
                deviation(conditional).div(deviation(guided)).mul(rescale).add(1 - rescale);
        return guided.mul(factor.reshape(perSample));
    }

    /** Standard deviation of each sample, {@code [B]}; the divisor cancels out in the quotient. */
    private static Tensor deviation(Tensor samples) {
        Tensor rows = samples.reshape(samples.dim(0), -1);
        Tensor centred = rows.sub(rows.mean(1).unsqueeze(1));
        return centred.mul(centred).mean(1).sqrt();
    }
}
