package io.kinora.video;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The tone of the sound fixtures: 440 Hz at half of full scale on the left, 1000 Hz at a quarter on the right. */
final class Tone {
    static final int RATE = 16_000;
    static final int SAMPLES = 4800;

    private Tone() {}

    static byte[] fixture(String name) {
        try (InputStream stream = Tone.class.getResourceAsStream("sounds/" + name)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tone at a rate, its samples rounded to 16 bits. */
    static AudioClip at(int rate, int samples) {
        float[] left = new float[samples];
        float[] right = new float[samples];
        for (int i = 0; i < samples; i++) {
            left[i] = Math.round(16384 * Math.sin(2 * Math.PI * 440 * i / rate)) / 32768f;
            right[i] = Math.round(8192 * Math.sin(2 * Math.PI * 1000 * i / rate)) / 32768f;
        }
        return AudioClip.of(rate, left, right);
    }

    /** Power of what is there over power of what is wrong, in decibels, over the samples that both have, edges left out. */
    static double signalToNoise(AudioClip clip, int channel, AudioClip expected) {
        int edge = clip.samplingRate() / 40;
        double signal = 0;
        double noise = 0;
        for (int i = edge; i < Math.min(clip.samples(), expected.samples()) - edge; i++) {
            double want = expected.channel(channel).get(i);
            double got = clip.channel(channel).get(i);
            signal += want * want;
            noise += (got - want) * (got - want);
        }
        return 10 * Math.log10(signal / noise);
    }
}
