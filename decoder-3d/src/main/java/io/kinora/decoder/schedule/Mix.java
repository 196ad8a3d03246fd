package io.kinora.decoder.schedule;

import io.kinora.tensor.Tensor;

/**
 * A weighted sum of the sample and the model's output. Clean sample and noise are both of this form, so a step of a sampler is one
 * as well, and its coefficients are worked out in double precision before a tensor is touched.
 */
record Mix(double sample, double output) {
    Mix times(double factor) {
        return new Mix(sample * factor, output * factor);
    }

    Mix plus(Mix other) {
        return new Mix(sample + other.sample, output + other.output);
    }

    Tensor of(Tensor sampleTensor, Tensor outputTensor) {
        return Sums.weighted(sampleTensor, sample, outputTensor, output);
    }
}
