package io.kinora.model.modaverse.imagebind;

import io.kinora.model.audio.KaldiFilterBank;
import io.kinora.model.audio.SincResampler;
import io.kinora.model.audio.Waveform;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns a sound into ImageBind's three pieces of it: resampled to 16 kHz, two seconds each, freed of their mean, the first channel in 128
 * mel bands, padded to 204 frames and normalised. Immutable and thread-safe.
 */
public final class SoundClips {
    /** Mel bands. */
    public static final int BANDS = 128;

    /** Frames of a piece: two seconds make 198, the rest is padding. */
    public static final int FRAMES = 204;

    /** Pieces that a sound is heard in. */
    public static final int PIECES = 3;

    /** Samples a second. */
    public static final int RATE = 16_000;

    private static final float MEAN = -4.268f;
    private static final float DEVIATION = 9.138f;

    private final KaldiFilterBank filterBank = new KaldiFilterBank(BANDS, RATE);

    /**
     * The pieces of a sound of any rate, as {@code [3, 1, 128, 204]}.
     *
     * @throws UnusableMediaException if the sound is shorter than 25 ms
     */
    public Tensor mel(Waveform sound, Engine engine) {
        Waveform resampled = new SincResampler(sound.rate(), RATE).resample(sound);
        if (resampled.length() < filterBank.shortest()) {
            throw new UnusableMediaException(
                    UnusableMediaException.Reason.TOO_SHORT,
                    "a sound of %.1f ms is too short; needed are 25 ms".formatted(1000 * sound.seconds()));
        }
        float[] bands = new float[PIECES * BANDS * FRAMES];
        ClipSpans spans = ClipSpans.of(resampled.seconds(), PIECES);
        List<Overlap> shifted = new ArrayList<>();
        for (int piece = 0; piece < PIECES; piece++) {
            int from = (int) spans.startSample(piece, RATE);
            int to = Math.min(resampled.length(), from + ClipSpans.SECONDS * RATE);
            write(filterBank.of(centred(resampled, from, to, shifted)), bands, piece * BANDS * FRAMES);
        }
        return engine.of(bands, PIECES, 1, BANDS, FRAMES);
    }

    /** A stretch of samples that the reference has shifted already when it comes to a later piece. */
    private record Overlap(int from, int to, float mean) {}

    /**
     * The first channel of a piece without the mean of all channels. The reference subtracts it in place, so where pieces overlap the
     * later one begins with samples that earlier ones have shifted.
     */
    private static float[] centred(Waveform sound, int from, int to, List<Overlap> shifted) {
        double sum = 0;
        float[] first = {};
        for (int channel = 0; channel < sound.channels(); channel++) {
            float[] samples = sound.samples(channel, from, to);
            for (Overlap overlap : shifted) {
                int begin = Math.max(from, overlap.from());
                int end = Math.min(to, overlap.to());
                for (int i = begin; i < end; i++) {
                    samples[i - from] -= overlap.mean();
                }
            }
            for (float sample : samples) {
                sum += sample;
            }
            first = channel == 0 ? samples : first;
        }
        float mean = (float) (sum / ((double) sound.channels() * (to - from)));
        shifted.add(new Overlap(from, to, mean));
        for (int i = 0; i < first.length; i++) {
            first[i] -= mean;
        }
        return first;
    }

    private static void write(float[][] energies, float[] bands, int offset) {
        Arrays.fill(bands, offset, offset + BANDS * FRAMES, normalized(0));
        for (int band = 0; band < BANDS; band++) {
            int frames = Math.min(FRAMES, energies[band].length);
            for (int frame = 0; frame < frames; frame++) {
                bands[offset + band * FRAMES + frame] = normalized(energies[band][frame]);
            }
        }
    }

    private static float normalized(float energy) {
        return (energy - MEAN) / DEVIATION;
    }
}
