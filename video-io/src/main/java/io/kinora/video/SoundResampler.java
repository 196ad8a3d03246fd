package io.kinora.video;

import org.bytedeco.ffmpeg.avutil.AVChannelLayout;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swresample;
import org.bytedeco.ffmpeg.swresample.SwrContext;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** Changes the sampling rate of a clip, one channel after the other, with FFmpeg's default windowed sinc. */
final class SoundResampler {
    private SoundResampler() {}

    static AudioClip resample(AudioClip clip, int rate) {
        if (rate < 1) {
            throw new IllegalArgumentException("samplingRate is %d, need at least 1".formatted(rate));
        }
        long length = ((long) clip.samples() * rate + clip.samplingRate() - 1) / clip.samplingRate();
        if (length > Integer.MAX_VALUE / Float.BYTES) {
            throw new IllegalArgumentException(
                    "%s has %,d samples at %d Hz, more than can be held".formatted(clip, length, rate));
        }
        Ffmpeg.load();
        float[][] channels = new float[clip.channels()][];
        for (int channel = 0; channel < channels.length; channel++) {
            channels[channel] = resample(clip.copyOfChannel(channel), clip.samplingRate(), rate, (int) length);
        }
        return AudioClip.wrap(rate, channels);
    }

    private static float[] resample(float[] samples, int from, int to, int length) {
        SwrContext context = new SwrContext(null);
        try (AVChannelLayout mono = new AVChannelLayout();
                FloatPointer input = new FloatPointer(samples);
                FloatPointer output = new FloatPointer(length);
                PointerPointer<Pointer> inputs = new PointerPointer<>(1);
                PointerPointer<Pointer> outputs = new PointerPointer<>(1)) {
            avutil.av_channel_layout_default(mono, 1);
            int format = avutil.AV_SAMPLE_FMT_FLTP;
            check(swresample.swr_alloc_set_opts2(context, mono, format, to, mono, format, from, 0, null), from, to);
            check(swresample.swr_init(context), from, to);
            int done = check(
                    swresample.swr_convert(
                            context, outputs.put(0, output), length, inputs.put(0, input), samples.length),
                    from,
                    to);
            // What the filter holds back comes out as if silence followed.
            while (done < length) {
                FloatPointer rest = output.getPointer(done);
                int more =
                        check(swresample.swr_convert(context, outputs.put(0, rest), length - done, null, 0), from, to);
                if (more == 0) {
                    break;
                }
                done += more;
            }
            float[] result = new float[length];
            output.get(result, 0, done);
            return result;
        } finally {
            swresample.swr_free(context);
        }
    }

    private static int check(int status, int from, int to) {
        if (status < 0) {
            throw new IllegalArgumentException(
                    "sound at %d Hz cannot be resampled to %d Hz: %s".formatted(from, to, Ffmpeg.text(status)));
        }
        return status;
    }
}
