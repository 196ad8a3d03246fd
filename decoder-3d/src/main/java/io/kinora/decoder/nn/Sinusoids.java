package io.kinora.decoder.nn;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;

/**
 * Sinusoidal embedding of numbers: with {@code half = width / 2} and {@code f_i = 10000^(-i/half)}, the cosines of {@code v f_i} and
 * then the sines. Computed in single precision as the official code does ({@code flip_sin_to_cos = true, freq_shift = 0}).
 */
public final class Sinusoids {
    private Sinusoids() {}

    /** One row per value, F32 {@code [values, width]}. */
    public static Tensor of(Engine engine, int width, double... values) {
        if (width < 2 || width % 2 != 0) {
            throw new IllegalArgumentException("sinusoids come in pairs, got a width of " + width);
        }
        int half = width / 2;
        float[] table = new float[values.length * width];
        for (int row = 0; row < values.length; row++) {
            for (int i = 0; i < half; i++) {
                float frequency = (float) Math.exp((float) (-Math.log(10000) * i) / half);
                float angle = (float) values[row] * frequency;
                table[row * width + i] = (float) Math.cos(angle);
                table[row * width + half + i] = (float) Math.sin(angle);
            }
        }
        return engine.of(table, values.length, width);
    }
}
