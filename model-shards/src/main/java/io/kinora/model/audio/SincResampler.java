package io.kinora.model.audio;

import java.util.ArrayList;
import java.util.List;

/**
 * Band-limited resampling by a sinc under a Hann window, as {@code torchaudio.functional.resample} has it by default: six zero crossings
 * to a side, cut off at 0.99 of the lower Nyquist frequency.
 *
 * <p>The ratio of the rates is reduced to {@code from / to}; the samples between two that coincide have {@code to} phases, each with a
 * kernel of its own. Immutable and thread-safe.
 */
public final class SincResampler {
    private static final int ZERO_CROSSINGS = 6;
    private static final double ROLL_OFF = 0.99;

    private final int fromRate;
    private final int toRate;
    private final int from;
    private final int to;
    private final int width;
    private final List<Kernel> kernels; // one for each phase

    /**
     * Between two rates.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public SincResampler(int fromRate, int toRate) {
        if (fromRate < 1 || toRate < 1) {
            throw new IllegalArgumentException(
                    "sound has a positive number of samples a second, got %d and %d".formatted(fromRate, toRate));
        }
        int divisor = greatestCommonDivisor(fromRate, toRate);
        this.fromRate = fromRate;
        this.toRate = toRate;
        this.from = fromRate / divisor;
        this.to = toRate / divisor;
        double base = Math.min(from, to) * ROLL_OFF;
        this.width = (int) Math.ceil(ZERO_CROSSINGS * from / base);
        List<Kernel> made = new ArrayList<>();
        for (int phase = 0; phase < to; phase++) {
            made.add(kernel(phase, base));
        }
        this.kernels = List.copyOf(made);
    }

    /** The taps of one phase that are not zero, and how far before the phase's first input sample they begin. */
    private record Kernel(int first, List<Float> taps) {}

    /** In single precision, as the reference has it: near silence the taps' rounding can be heard in the highest bands. */
    private Kernel kernel(int phase, double base) {
        float pi = (float) Math.PI;
        float scale = (float) (base / from);
        int first = width + from;
        List<Float> taps = new ArrayList<>();
        for (int k = -width; k < width + from; k++) {
            float t = ((float) -phase / to + (float) k / from) * (float) base;
            if (Math.abs(t) < ZERO_CROSSINGS) {
                first = Math.min(first, k);
                float window = (float) Math.cos(t * pi / ZERO_CROSSINGS / 2);
                float angle = t * pi;
                float sinc = angle == 0 ? 1 : (float) Math.sin(angle) / angle;
                taps.add(sinc * (window * window * scale));
            }
        }
        return new Kernel(first, List.copyOf(taps));
    }

    /**
     * The sound at the other rate; the same object if the rates are equal.
     *
     * @throws IllegalArgumentException if the sound does not have the rate this was made for
     */
    public Waveform resample(Waveform sound) {
        if (sound.rate() != fromRate) {
            throw new IllegalArgumentException(
                    "made for %d samples a second, got %d".formatted(fromRate, sound.rate()));
        }
        if (from == to) {
            return sound;
        }
        List<float[]> channels = new ArrayList<>();
        for (int channel = 0; channel < sound.channels(); channel++) {
            channels.add(resampled(sound.borrowed(channel)));
        }
        return Waveform.owning(channels, toRate);
    }

    private float[] resampled(float[] samples) {
        int length = length(samples.length);
        float[] result = new float[length];
        for (int phase = 0; phase < to && phase < length; phase++) {
            Kernel kernel = kernels.get(phase);
            float[] taps = new float[kernel.taps().size()];
            for (int i = 0; i < taps.length; i++) {
                taps[i] = kernel.taps().get(i);
            }
            long origin = kernel.first();
            for (int i = phase; i < length; i += to, origin += from) {
                result[i] = dot(samples, origin, taps);
            }
        }
        return result;
    }

    private static float dot(float[] samples, long origin, float[] taps) {
        int begin = (int) Math.max(0, -origin);
        int end = (int) Math.min(taps.length, samples.length - origin);
        double sum = 0;
        for (int i = begin; i < end; i++) {
            sum += (double) samples[(int) origin + i] * taps[i];
        }
        return (float) sum;
    }

    /** The quotient is rounded to single precision before it is rounded up, which is seen from 16 million samples on. */
    private int length(int samples) {
        double exact = (double) to * samples / from;
        return (int) Math.ceil((float) exact);
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }
}
