package io.kinora.tensor.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.DType;

/** How far a result may be from the exact one, as a part of the largest exact value. */
record Tolerance(double relative) {
    static Tolerance of(DType dtype) {
        return switch (dtype) {
            case F64 -> new Tolerance(2e-7); // the expected values are stored in F32
            case F32 -> new Tolerance(2e-6);
            case F16 -> new Tolerance(3e-3);
            case BF16 -> new Tolerance(2e-2);
            default -> throw new IllegalArgumentException("no engine computes in " + dtype);
        };
    }

    void assertClose(String what, float[] expected, float[] actual) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs((double) actual[i] - expected[i]);
            // Written so that NaN fails.
            assertThat(difference <= relative * largest)
                    .as(
                            "%s: element %d is %s, expected %s, largest expected %s",
                            what, i, actual[i], expected[i], largest)
                    .isTrue();
        }
    }
}
