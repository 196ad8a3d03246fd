package io.kinora.video;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVChannelLayout;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/** Turns float samples into packets. One thread and no version strings, so that the same samples give the same bytes. */
final class SampleEncoder implements OpenedParts.Part {
    private static final int BITS_PER_CHANNEL = 64_000;
    /** Samples of a packet where the codec leaves the choice. */
    private static final int FREE_FRAME = 4096;

    private static final int FULL_SCALE_16 = 32768;

    private final AVCodecContext context;
    private final AVPacket packet = avcodec.av_packet_alloc();

    private SampleEncoder(AVCodecContext context) {
        this.context = context;
    }

    /**
     * Opens an encoder by FFmpeg's name.
     *
     * @param globalHeader whether the container keeps the codec's headers apart from the packets
     * @throws VideoEncodeException if it is not built in, or does not take such sound
     */
    static SampleEncoder open(String name, int samplingRate, int channels, boolean globalHeader) {
        Ffmpeg.load();
        AVCodec codec = avcodec.avcodec_find_encoder_by_name(name);
        if (codec == null || codec.isNull()) {
            throw new VideoEncodeException("no encoder for sound: %s is not built in".formatted(name));
        }
        SampleEncoder encoder = new SampleEncoder(avcodec.avcodec_alloc_context3(codec));
        try {
            encoder.configure(samplingRate, channels, globalHeader);
            check(
                    avcodec.avcodec_open2(encoder.context, codec, (AVDictionary) null),
                    "%s refuses %d channels at %d Hz".formatted(name, channels, samplingRate));
            return encoder;
        } catch (RuntimeException failure) {
            encoder.close();
            throw failure;
        }
    }

    AVCodecContext context() {
        return context;
    }

    /** Encodes a whole clip and hands over its packets, borrowed. */
    void encode(AudioClip clip, Consumer<AVPacket> ready) {
        int most = context.frame_size() > 0 ? context.frame_size() : FREE_FRAME;
        for (int from = 0; from < clip.samples(); from += most) {
            AVFrame frame = frame(clip, from, Math.min(most, clip.samples() - from));
            try {
                submit(frame, ready);
            } finally {
                avutil.av_frame_free(frame);
            }
        }
        submit(null, ready);
    }

    private void configure(int samplingRate, int channels, boolean globalHeader) {
        context.sample_rate(samplingRate);
        avutil.av_channel_layout_default(context.ch_layout(), channels);
        context.sample_fmt(
                context.codec_id() == avcodec.AV_CODEC_ID_PCM_S16LE
                        ? avutil.AV_SAMPLE_FMT_S16
                        : avutil.AV_SAMPLE_FMT_FLT);
        try (AVRational tick = new AVRational()) {
            context.time_base(tick.num(1).den(samplingRate));
        }
        context.bit_rate((long) BITS_PER_CHANNEL * channels);
        context.thread_count(1);
        context.flags(context.flags()
                | avcodec.AV_CODEC_FLAG_BITEXACT
                | (globalHeader ? avcodec.AV_CODEC_FLAG_GLOBAL_HEADER : 0));
    }

    /** The channels' samples in turn, as the encoder takes them; the caller frees the frame. */
    private AVFrame frame(AudioClip clip, int from, int count) {
        AVFrame frame = avutil.av_frame_alloc();
        frame.nb_samples(count);
        frame.format(context.sample_fmt());
        frame.sample_rate(context.sample_rate());
        frame.pts(from);
        try (AVChannelLayout layout = new AVChannelLayout()) {
            check(avutil.av_channel_layout_copy(layout, context.ch_layout()), "no memory for samples");
            frame.ch_layout(layout);
        }
        check(avutil.av_frame_get_buffer(frame, 0), "no memory for samples");
        boolean whole = context.sample_fmt() == avutil.AV_SAMPLE_FMT_S16;
        int bytes = whole ? Short.BYTES : Float.BYTES;
        ByteBuffer buffer = frame.data(0)
                .capacity((long) count * clip.channels() * bytes)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder());
        List<FloatBuffer> channels =
                IntStream.range(0, clip.channels()).mapToObj(clip::channel).toList();
        for (int i = from; i < from + count; i++) {
            for (FloatBuffer channel : channels) {
                float sample = channel.get(i);
                if (whole) {
                    buffer.putShort(toShort(sample));
                } else {
                    buffer.putFloat(sample);
                }
            }
        }
        return frame;
    }

    /** To the nearest step, as a file of such samples is read back; beyond full scale the last step. */
    private static short toShort(float sample) {
        return (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, Math.round(sample * FULL_SCALE_16)));
    }

    private void submit(AVFrame frame, Consumer<AVPacket> ready) {
        check(avcodec.avcodec_send_frame(context, frame), "sound cannot be encoded");
        int status;
        while ((status = avcodec.avcodec_receive_packet(context, packet)) >= 0) {
            ready.accept(packet);
            avcodec.av_packet_unref(packet);
        }
        if (status != avutil.AVERROR_EAGAIN() && status != avutil.AVERROR_EOF) {
            check(status, "sound cannot be encoded");
        }
    }

    private static void check(int status, String meaning) {
        if (status < 0) {
            throw new VideoEncodeException("%s: %s".formatted(meaning, Ffmpeg.text(status)));
        }
    }

    @Override
    public void close() {
        avcodec.av_packet_free(packet);
        avcodec.avcodec_free_context(context);
    }
}
