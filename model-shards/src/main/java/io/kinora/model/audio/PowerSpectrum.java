package io.kinora.model.audio;

/** Squared magnitudes of the discrete Fourier transform of real samples; the length is a power of two. Immutable and thread-safe. */
final class PowerSpectrum {
    private final int length;
    private final double[] cosines; // of 2π·i / length
    private final double[] sines;
    private final int[] reversed;

    PowerSpectrum(int length) {
        if (Integer.bitCount(length) != 1) {
            throw new IllegalArgumentException("the length is a power of two, got " + length);
        }
        this.length = length;
        this.cosines = new double[length / 2];
        this.sines = new double[length / 2];
        this.reversed = new int[length];
        int shift = Integer.SIZE - Integer.numberOfTrailingZeros(length);
        for (int i = 0; i < length; i++) {
            reversed[i] = length == 1 ? 0 : Integer.reverse(i) >>> shift;
        }
        for (int i = 0; i < length / 2; i++) {
            cosines[i] = Math.cos(2 * Math.PI * i / length);
            sines[i] = Math.sin(2 * Math.PI * i / length);
        }
    }

    /** The power at the frequencies 0 to {@code length / 2 - 1}, in steps of rate / length; without the Nyquist frequency. */
    double[] of(double[] samples) {
        double[] re = new double[length];
        double[] im = new double[length];
        for (int i = 0; i < length; i++) {
            re[i] = samples[reversed[i]];
        }
        for (int half = 1; half < length; half *= 2) {
            int step = length / (2 * half);
            for (int start = 0; start < length; start += 2 * half) {
                for (int i = 0; i < half; i++) {
                    butterfly(re, im, start + i, start + i + half, i * step);
                }
            }
        }
        double[] power = new double[length / 2];
        for (int i = 0; i < power.length; i++) {
            power[i] = re[i] * re[i] + im[i] * im[i];
        }
        return power;
    }

    private void butterfly(double[] re, double[] im, int a, int b, int turn) {
        double real = re[b] * cosines[turn] + im[b] * sines[turn];
        double imaginary = im[b] * cosines[turn] - re[b] * sines[turn];
        re[b] = re[a] - real;
        im[b] = im[a] - imaginary;
        re[a] += real;
        im[a] += imaginary;
    }
}
