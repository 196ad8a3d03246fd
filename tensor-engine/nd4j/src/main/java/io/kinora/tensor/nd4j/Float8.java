package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;

/** The two 8-bit floats, a storage type only: OCP 8-bit Floating Point Specification, revision 1.0. */
final class Float8 {
    private static final int CODES = 256;

    private Float8() {}

    /** The value of each code. */
    static float[] values(DType dtype) {
        float[] values = new float[CODES];
        for (int code = 0; code < CODES; code++) {
            values[code] = dtype == DType.F8_E4M3 ? value(code, 3, 7, true) : value(code, 2, 15, false);
        }
        return values;
    }

    private static float value(int code, int fraction, int bias, boolean finite) {
        int exponentBits = 7 - fraction;
        int exponent = code >> fraction & (1 << exponentBits) - 1;
        int mantissa = code & (1 << fraction) - 1;
        float sign = code >= 128 ? -1 : 1;
        boolean top = exponent == (1 << exponentBits) - 1;
        if (top && finite && mantissa == (1 << fraction) - 1) {
            return Float.NaN;
        }
        if (top && !finite) {
            return mantissa == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN;
        }
        double scaled = exponent == 0 ? mantissa : mantissa + (1 << fraction);
        return (float) (sign * Math.scalb(scaled, Math.max(1, exponent) - bias - fraction));
    }

    /** The nearest code, halves to even; beyond the range not a number (E4M3) or infinity (E5M2). */
    static byte encode(float value, DType dtype) {
        boolean finite = dtype == DType.F8_E4M3;
        int fraction = finite ? 3 : 2;
        int bias = finite ? 7 : 15;
        int sign = Float.floatToRawIntBits(value) >>> 31 << 7;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return (byte) (sign | 0x7f);
        }
        int exponent = Math.max(1 - bias, magnitude == 0 ? 1 - bias : Math.getExponent(magnitude));
        long steps = Float.isInfinite(magnitude)
                ? Long.MAX_VALUE
                : (long) Math.rint(Math.scalb((double) magnitude, fraction - exponent));
        if (steps == 2L << fraction) {
            steps >>= 1;
            exponent++;
        }
        int largest = finite ? 8 : 15;
        boolean beyond = exponent > largest || (finite && exponent == largest && steps == (2L << fraction) - 1);
        if (beyond) {
            return (byte) (sign | (finite ? 0x7f : 0x7c));
        }
        boolean subnormal = steps < 1L << fraction;
        int code = subnormal ? (int) steps : ((exponent + bias) << fraction) + (int) (steps - (1L << fraction));
        return (byte) (sign | code);
    }
}
