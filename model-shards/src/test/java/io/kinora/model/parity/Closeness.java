package io.kinora.model.parity;

/**
 * How far numbers are from the expected ones.
 *
 * @param error largest difference
 * @param peak largest expected magnitude
 * @param index where the largest difference stands
 */
public record Closeness(double error, double peak, int index, double got, double want) {
    /** Compares element by element. */
    public static Closeness of(float[] got, float[] want) {
        double peak = 0;
        int worst = 0;
        for (int i = 0; i < want.length; i++) {
            peak = Math.max(peak, Math.abs(want[i]));
            if (!(Math.abs((double) got[i] - want[i]) <= Math.abs((double) got[worst] - want[worst]))) {
                worst = i;
            }
        }
        return new Closeness(Math.abs((double) got[worst] - want[worst]), peak, worst, got[worst], want[worst]);
    }

    /** The largest difference as a share of the largest expected magnitude. */
    public double relative() {
        return error / peak;
    }

    /** Fails if the relative error is larger, or not a number. */
    public void assertWithin(String name, double largestRelativeError) {
        if (!(relative() <= largestRelativeError)) {
            throw new AssertionError(
                    "%s differs by %.3g of the largest value (allowed %.3g): element %d is %s, expected %s"
                            .formatted(name, relative(), largestRelativeError, index, got, want));
        }
    }
}
