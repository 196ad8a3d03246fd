package io.kinora.video;

import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Arrays;

/**
 * A piece of sound: float samples, a plane for each channel, full scale from -1 to 1 (decoders may exceed it).
 *
 * <p>Immutable. It has at least one channel and one sample, and its samples are finite.
 */
public final class AudioClip {
    private final int samplingRate;
    private final float[][] channels;

    private AudioClip(int samplingRate, float[][] channels) {
        this.samplingRate = samplingRate;
        this.channels = channels;
    }

    /**
     * A clip of copies of these channels.
     *
     * @param samplingRate samples per second in each channel
     * @throws IllegalArgumentException if there is no channel or no sample, the channels differ in length, the rate is
     *     not positive, or a sample is not finite
     */
    public static AudioClip of(int samplingRate, float[]... channels) {
        float[][] copies = new float[channels.length][];
        for (int i = 0; i < channels.length; i++) {
            copies[i] = channels[i].clone();
        }
        return wrap(samplingRate, copies);
    }

    /** A clip of these very arrays, which the caller gives away. */
    static AudioClip wrap(int samplingRate, float[][] channels) {
        if (samplingRate < 1) {
            throw new IllegalArgumentException("samplingRate is %d, need at least 1".formatted(samplingRate));
        }
        if (channels.length == 0 || channels[0].length == 0) {
            throw new IllegalArgumentException("sound has at least one channel and one sample");
        }
        for (int channel = 0; channel < channels.length; channel++) {
            if (channels[channel].length != channels[0].length) {
                throw new IllegalArgumentException("channel %d has %d samples, expected %d as the first"
                        .formatted(channel, channels[channel].length, channels[0].length));
            }
            for (int i = 0; i < channels[channel].length; i++) {
                if (!Float.isFinite(channels[channel][i])) {
                    throw new IllegalArgumentException("sample %d of channel %d is %s, expected a finite number"
                            .formatted(i, channel, channels[channel][i]));
                }
            }
        }
        return new AudioClip(samplingRate, channels);
    }

    /** Samples per second in each channel. */
    public int samplingRate() {
        return samplingRate;
    }

    /** Number of channels. */
    public int channels() {
        return channels.length;
    }

    /** Samples in each channel. */
    public int samples() {
        return channels[0].length;
    }

    /** Samples over rate, rounded to the nanosecond. */
    public Duration duration() {
        return StreamDescription.duration(samples(), 1, samplingRate);
    }

    /** The samples of one channel, read only, without a copy. */
    public FloatBuffer channel(int index) {
        return FloatBuffer.wrap(channels[index]).asReadOnlyBuffer();
    }

    /** The samples of one channel, copied. */
    public float[] copyOfChannel(int index) {
        return channels[index].clone();
    }

    /**
     * The samples from one index up to, not including, another.
     *
     * @throws IllegalArgumentException if these are none, or not all there
     */
    public AudioClip cut(int from, int to) {
        if (from < 0 || to > samples() || from >= to) {
            throw new IllegalArgumentException(
                    "samples %d to %d are no part of a clip of %d".formatted(from, to, samples()));
        }
        float[][] parts = new float[channels.length][];
        Arrays.setAll(parts, channel -> Arrays.copyOfRange(channels[channel], from, to));
        return new AudioClip(samplingRate, parts);
    }

    /** The mean of all channels as a single one; this clip where it has one already. */
    public AudioClip mono() {
        if (channels.length == 1) {
            return this;
        }
        float[] mean = new float[samples()];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (float[] channel : channels) {
                sum += channel[i];
            }
            mean[i] = (float) (sum / channels.length);
        }
        return new AudioClip(samplingRate, new float[][] {mean});
    }

    /**
     * This clip at another sampling rate, by FFmpeg's windowed sinc; this clip itself where it has that rate.
     *
     * @throws IllegalArgumentException if the rate is not positive, or the result would be longer than an array may be
     */
    public AudioClip resampled(int newRate) {
        return newRate == samplingRate ? this : SoundResampler.resample(this, newRate);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AudioClip clip
                && clip.samplingRate == samplingRate
                && Arrays.deepEquals(clip.channels, channels);
    }

    @Override
    public int hashCode() {
        return 31 * samplingRate + Arrays.deepHashCode(channels);
    }

    @Override
    public String toString() {
        return "%d Hz, %d channels, %d samples".formatted(samplingRate, channels.length, samples());
    }
}
