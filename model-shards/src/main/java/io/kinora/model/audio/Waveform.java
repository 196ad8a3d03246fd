package io.kinora.model.audio;

import java.util.Arrays;
import java.util.List;

/**
 * Sound: samples of one or more channels in −1 to 1, nominally, at a fixed rate. Immutable and thread-safe.
 */
public final class Waveform {
    private final List<float[]> channels;
    private final int rate;

    private Waveform(List<float[]> channels, int rate) {
        if (channels.isEmpty()) {
            throw new IllegalArgumentException("a sound has at least one channel");
        }
        if (rate < 1) {
            throw new IllegalArgumentException("a sound has a positive number of samples a second, got " + rate);
        }
        int length = channels.get(0).length;
        for (float[] channel : channels) {
            if (channel.length != length) {
                throw new IllegalArgumentException(
                        "channels have the same number of samples, got %d and %d".formatted(length, channel.length));
            }
        }
        this.channels = List.copyOf(channels);
        this.rate = rate;
    }

    /**
     * Of these channels, which are copied.
     *
     * @param rate samples a second
     * @throws IllegalArgumentException if there is no channel, they differ in length, or the rate is not positive
     */
    public static Waveform of(List<float[]> channels, int rate) {
        return new Waveform(channels.stream().map(float[]::clone).toList(), rate);
    }

    /** Of arrays that the caller keeps no reference to. */
    static Waveform owning(List<float[]> channels, int rate) {
        return new Waveform(channels, rate);
    }

    /** Number of channels, at least one. */
    public int channels() {
        return channels.size();
    }

    /** Samples of each channel. */
    public int length() {
        return channels.get(0).length;
    }

    /** Samples a second. */
    public int rate() {
        return rate;
    }

    /** Length in seconds. */
    public double seconds() {
        return (double) length() / rate;
    }

    /** A copy of a part of a channel. */
    public float[] samples(int channel, int from, int to) {
        return Arrays.copyOfRange(channels.get(channel), from, to);
    }

    /** A copy of a channel. */
    public float[] samples(int channel) {
        return channels.get(channel).clone();
    }

    /** The array itself, which nobody writes to. */
    float[] borrowed(int channel) {
        return channels.get(channel);
    }
}
