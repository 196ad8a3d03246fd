package io.kinora.decoder.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.Arrays;

/** Inputs and expected values of the golden vectors: a tensor by its count, sum, sum of squares, and some elements. */
public final class Golden {
    private static final double ELEMENT = 2e-5;

    private Golden() {}

    /** Elements sin(a·i) in row-major order. */
    public static Tensor sines(Engine engine, double a, long... shape) {
        return wave(engine, i -> Math.sin(a * i), shape);
    }

    /** Elements cos(a·i) in row-major order. */
    public static Tensor cosines(Engine engine, double a, long... shape) {
        return wave(engine, i -> Math.cos(a * i), shape);
    }

    private static Tensor wave(Engine engine, java.util.function.IntToDoubleFunction wave, long... shape) {
        float[] values = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) wave.applyAsDouble(i);
        }
        return engine.of(values, shape);
    }

    /** Compares sums and the first and last elements. Sums may be off by what the elements' tolerance adds up to. */
    public static void assertMatches(
            Tensor actual, int count, double sum, double sumOfSquares, double[] first, double[] last) {
        float[] values = actual.toFloats();
        assertThat(values).hasSize(count);
        double gotSum = 0;
        double gotSquares = 0;
        for (float value : values) {
            gotSum += value;
            gotSquares += (double) value * value;
        }
        for (int i = 0; i < first.length; i++) {
            assertThat((double) values[i]).as("element %d", i).isCloseTo(first[i], within(ELEMENT));
        }
        for (int i = 0; i < last.length; i++) {
            int at = count - last.length + i;
            assertThat((double) values[at]).as("element %d", at).isCloseTo(last[i], within(ELEMENT));
        }
        assertThat(gotSum).as("sum").isCloseTo(sum, within(ELEMENT * Math.sqrt((double) count)));
        assertThat(gotSquares).as("sum of squares").isCloseTo(sumOfSquares, within(1e-5 * sumOfSquares));
    }
}
