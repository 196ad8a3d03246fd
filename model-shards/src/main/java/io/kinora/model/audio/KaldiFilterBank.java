package io.kinora.model.audio;

/**
 * Logarithms of the energy in triangular mel bands, frame by frame, as Kaldi has them and {@code torchaudio.compliance.kaldi.fbank}
 * after it: frames of 25 ms every 10 ms (snip edges), each freed of its mean, pre-emphasised, under a symmetric Hann window, padded to a
 * power of two; bands from 20 Hz to the Nyquist frequency; no dither, no energy column.
 *
 * <p>Computed in double precision and rounded once. Immutable and thread-safe.
 */
public final class KaldiFilterBank {
    private static final int FRAME_MILLIS = 25;
    private static final int SHIFT_MILLIS = 10;
    private static final int MILLIS = 1000;
    private static final float PRE_EMPHASIS = 0.97f;
    private static final double LOW_HERTZ = 20;

    /** The difference between 1 and the next float, below which an energy counts as this. */
    private static final double FLOOR = Math.ulp(1f);

    private final int bands;
    private final int rate;
    private final int frame;
    private final int shift;
    private final double[] window;
    private final PowerSpectrum spectrum;
    private final double[][] filters; // [band][frequency]

    /** With that many bands, for sound of that rate. */
    public KaldiFilterBank(int bands, int rate) {
        this.bands = bands;
        this.rate = rate;
        this.frame = rate * FRAME_MILLIS / MILLIS;
        this.shift = rate * SHIFT_MILLIS / MILLIS;
        if (bands < 1 || frame < 2) {
            throw new IllegalArgumentException(
                    "a filter bank has bands, and frames of two samples or more; got %d bands at %d samples a second"
                            .formatted(bands, rate));
        }
        this.window = new double[frame];
        for (int i = 0; i < frame; i++) {
            window[i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / (frame - 1));
        }
        int padded = Integer.highestOneBit(2 * frame - 1);
        this.spectrum = new PowerSpectrum(padded);
        this.filters = filters(padded);
    }

    private double[][] filters(int padded) {
        double low = mel(LOW_HERTZ);
        double step = (mel(rate / 2.0) - low) / (bands + 1);
        double[][] made = new double[bands][padded / 2];
        for (int band = 0; band < bands; band++) {
            double left = low + band * step;
            for (int i = 0; i < padded / 2; i++) {
                double at = mel((double) rate / padded * i);
                double rising = (at - left) / step;
                double falling = (left + 2 * step - at) / step;
                made[band][i] = Math.max(0, Math.min(rising, falling));
            }
        }
        return made;
    }

    private static double mel(double hertz) {
        return 1127 * Math.log(1 + hertz / 700);
    }

    /** Samples below which there is no frame. */
    public int shortest() {
        return frame;
    }

    /** How many frames so many samples make. */
    public int frames(int samples) {
        return samples < frame ? 0 : 1 + (samples - frame) / shift;
    }

    /** The bands of one channel, {@code [band][frame]}. */
    public float[][] of(float[] samples) {
        int frames = frames(samples.length);
        float[][] energies = new float[bands][frames];
        for (int f = 0; f < frames; f++) {
            double[] power = spectrum.of(windowed(samples, f * shift));
            for (int band = 0; band < bands; band++) {
                energies[band][f] = (float) Math.log(Math.max(FLOOR, dot(filters[band], power)));
            }
        }
        return energies;
    }

    private double[] windowed(float[] samples, int from) {
        double mean = 0;
        for (int i = 0; i < frame; i++) {
            mean += samples[from + i];
        }
        mean /= frame;
        double[] ready = new double[Integer.highestOneBit(2 * frame - 1)];
        double before = samples[from] - mean;
        for (int i = 0; i < frame; i++) {
            double here = samples[from + i] - mean;
            ready[i] = (here - PRE_EMPHASIS * before) * window[i];
            before = here;
        }
        return ready;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
