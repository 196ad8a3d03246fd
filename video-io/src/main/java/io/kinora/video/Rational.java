package io.kinora.video;

/**
 * A positive ratio in lowest terms, as frame rates ({@code 30000/1001}) and sample aspects ({@code 4/3}) are kept by
 * containers.
 *
 * @param numerator at least 1
 * @param denominator at least 1
 */
public record Rational(int numerator, int denominator) {
    /** One to one. */
    public static final Rational ONE = new Rational(1, 1);

    public Rational {
        if (numerator < 1 || denominator < 1) {
            throw new IllegalArgumentException("a ratio is positive, got %d/%d".formatted(numerator, denominator));
        }
        int divisor = greatestCommonDivisor(numerator, denominator);
        numerator /= divisor;
        denominator /= divisor;
    }

    /** A ratio in lowest terms. */
    public static Rational of(int numerator, int denominator) {
        return new Rational(numerator, denominator);
    }

    /** The nearest double. */
    public double toDouble() {
        return (double) numerator / denominator;
    }

    /** As {@code 30000/1001}, or {@code 25} where the denominator is 1. */
    @Override
    public String toString() {
        return denominator == 1 ? Integer.toString(numerator) : numerator + "/" + denominator;
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }
}
