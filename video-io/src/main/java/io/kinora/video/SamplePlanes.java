package io.kinora.video;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/** Gathers decoded pieces of sound as float samples, within the limits. Whole numbers become fractions of full scale. */
final class SamplePlanes {
    private final String name;
    private final AudioLimits limits;
    /** For each piece, its channels. */
    private final List<float[][]> pieces = new ArrayList<>();

    private int samplingRate;
    private int channels;
    private int samples;

    SamplePlanes(String name, AudioLimits limits) {
        this.name = name;
        this.limits = limits;
    }

    int samplingRate() {
        return samplingRate;
    }

    /** Samples in each channel so far. */
    int samples() {
        return samples;
    }

    /** Copies out of a frame that its decoder is about to overwrite. */
    void add(AVFrame borrowed) {
        int count = borrowed.nb_samples();
        int planes = borrowed.ch_layout().nb_channels();
        if (count < 1 || planes < 1) {
            return;
        }
        if (pieces.isEmpty()) {
            samplingRate = borrowed.sample_rate();
            channels = planes;
        }
        if (borrowed.sample_rate() != samplingRate || planes != channels) {
            throw new UnreadableClipException("%s changes from %d Hz in %d channels to %d Hz in %d channels midway"
                    .formatted(name, samplingRate, channels, borrowed.sample_rate(), planes));
        }
        limits.checkSamples(name, (long) samples + count, channels);
        samples += count;
        limits.forClip().checkDuration(name, StreamDescription.duration(samples, 1, samplingRate));
        pieces.add(planes(borrowed, count));
    }

    AudioClip toClip() {
        float[][] whole = new float[channels][samples];
        for (int channel = 0; channel < channels; channel++) {
            int at = 0;
            for (float[][] piece : pieces) {
                System.arraycopy(piece[channel], 0, whole[channel], at, piece[channel].length);
                at += piece[channel].length;
            }
        }
        try {
            return AudioClip.wrap(samplingRate, whole);
        } catch (IllegalArgumentException e) {
            throw new UnreadableClipException("%s is no sound: %s".formatted(name, e.getMessage()), e);
        }
    }

    private float[][] planes(AVFrame frame, int count) {
        int format = frame.format();
        boolean planar = avutil.av_sample_fmt_is_planar(format) != 0;
        int bytes = avutil.av_get_bytes_per_sample(format);
        int packed = avutil.av_get_packed_sample_fmt(format);
        float[][] planes = new float[channels][count];
        for (int channel = 0; channel < channels; channel++) {
            BytePointer data = frame.extended_data(planar ? channel : 0);
            long available = (long) count * bytes * (planar ? 1 : channels);
            ByteBuffer buffer = data.capacity(available).asByteBuffer().order(ByteOrder.nativeOrder());
            int step = planar ? bytes : bytes * channels;
            int start = planar ? 0 : bytes * channel;
            for (int i = 0; i < count; i++) {
                planes[channel][i] = sample(buffer, start + i * step, packed);
            }
        }
        return planes;
    }

    private float sample(ByteBuffer buffer, int at, int packed) {
        return switch (packed) {
            case avutil.AV_SAMPLE_FMT_U8 -> ((buffer.get(at) & 0xff) - 128) / 128f;
            case avutil.AV_SAMPLE_FMT_S16 -> buffer.getShort(at) * 0x1p-15f;
            case avutil.AV_SAMPLE_FMT_S32 -> buffer.getInt(at) * 0x1p-31f;
            case avutil.AV_SAMPLE_FMT_S64 -> buffer.getLong(at) * 0x1p-63f;
            case avutil.AV_SAMPLE_FMT_FLT -> buffer.getFloat(at);
            case avutil.AV_SAMPLE_FMT_DBL -> (float) buffer.getDouble(at);
            default ->
                throw new UnreadableClipException(
                        "%s has samples in a format that is not known, number %d".formatted(name, packed));
        };
    }
}
