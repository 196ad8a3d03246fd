package io.kinora.video;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/** Turns RGB frames of one size into packets. One thread and no version strings, so that the same frames give the same bytes. */
final class PictureEncoder implements OpenedParts.Part {
    private static final int SECONDS_PER_KEY_FRAME = 2;
    private static final int MOST_FRAMES_PER_KEY_FRAME = 240;
    private static final long MOST_BITS_PER_SECOND = 100_000_000;
    private static final int BITS_PER_PIXEL = 4;

    private final AVCodecContext context;
    private final AVFrame picture;
    private final AVPacket packet;
    private final FramePainter painter;

    private PictureEncoder(AVCodecContext context, AVFrame picture, AVPacket packet, FramePainter painter) {
        this.context = context;
        this.picture = picture;
        this.packet = packet;
        this.painter = painter;
    }

    /**
     * Opens the first of the spec's encoders that this machine has and that takes the frames.
     *
     * @param globalHeader whether the container keeps the codec's headers apart from the packets
     * @throws VideoEncodeException if none does
     */
    static PictureEncoder open(EncoderSpec spec, Rational frameRate, int width, int height, boolean globalHeader) {
        Ffmpeg.load();
        List<String> refusals = new ArrayList<>();
        for (Map.Entry<String, Map<String, String>> candidate : spec.encoders().entrySet()) {
            AVCodec codec = avcodec.avcodec_find_encoder_by_name(candidate.getKey());
            if (codec == null || codec.isNull()) {
                refusals.add(candidate.getKey() + " is not built in");
                continue;
            }
            AVCodecContext context = avcodec.avcodec_alloc_context3(codec);
            configure(context, spec, frameRate, width, height, globalHeader);
            AVDictionary options = new AVDictionary(null);
            candidate.getValue().forEach((key, value) -> Ffmpeg.put(options, key, value));
            int status = avcodec.avcodec_open2(context, codec, options);
            avutil.av_dict_free(options);
            if (status >= 0) {
                return new PictureEncoder(
                        context,
                        picture(context),
                        avcodec.av_packet_alloc(),
                        new FramePainter(width, height, spec.pixelFormat(), spec.matrix(), spec.range()));
            }
            avcodec.avcodec_free_context(context);
            refusals.add("%s refuses %d×%d at %s frames/s: %s"
                    .formatted(candidate.getKey(), width, height, frameRate, Ffmpeg.text(status)));
        }
        throw new VideoEncodeException(
                "no encoder for %s: %s".formatted(spec.container(), String.join("; ", refusals)));
    }

    AVCodecContext context() {
        return context;
    }

    /** Encodes a frame whose time stamp is {@code pts} frames, and hands over the packets that are ready, borrowed. */
    void push(RgbFrame frame, long pts, Consumer<AVPacket> ready) {
        check(avutil.av_frame_make_writable(picture), "a frame cannot be written");
        painter.paint(frame, picture);
        picture.pts(pts);
        submit(picture, ready);
    }

    /** Hands over the packets still held back; nothing can be pushed after that. */
    void finish(Consumer<AVPacket> ready) {
        submit(null, ready);
    }

    private void submit(AVFrame frame, Consumer<AVPacket> ready) {
        check(avcodec.avcodec_send_frame(context, frame), "a frame cannot be encoded");
        int status;
        while ((status = avcodec.avcodec_receive_packet(context, packet)) >= 0) {
            ready.accept(packet);
            avcodec.av_packet_unref(packet);
        }
        if (status != avutil.AVERROR_EAGAIN() && status != avutil.AVERROR_EOF) {
            check(status, "a frame cannot be encoded");
        }
    }

    private static void configure(
            AVCodecContext context, EncoderSpec spec, Rational frameRate, int width, int height, boolean globalHeader) {
        context.width(width);
        context.height(height);
        context.pix_fmt(spec.pixelFormat());
        context.colorspace(spec.matrix());
        context.color_range(spec.range());
        if (spec.matrix() == avutil.AVCOL_SPC_BT709) {
            context.color_primaries(avutil.AVCOL_PRI_BT709);
            context.color_trc(avutil.AVCOL_TRC_BT709);
        }
        try (AVRational rate = new AVRational();
                AVRational tick = new AVRational()) {
            context.framerate(rate.num(frameRate.numerator()).den(frameRate.denominator()));
            context.time_base(tick.num(frameRate.denominator()).den(frameRate.numerator()));
        }
        context.gop_size((int) Math.max(
                1, Math.min(MOST_FRAMES_PER_KEY_FRAME, Math.round(SECONDS_PER_KEY_FRAME * frameRate.toDouble()))));
        context.bit_rate((long) Math.min(
                MOST_BITS_PER_SECOND, (double) width * height * BITS_PER_PIXEL * Math.max(1, frameRate.toDouble())));
        context.thread_count(1);
        context.flags(context.flags()
                | avcodec.AV_CODEC_FLAG_BITEXACT
                | (globalHeader ? avcodec.AV_CODEC_FLAG_GLOBAL_HEADER : 0));
    }

    private static AVFrame picture(AVCodecContext context) {
        AVFrame picture = avutil.av_frame_alloc();
        picture.width(context.width());
        picture.height(context.height());
        picture.format(context.pix_fmt());
        picture.colorspace(context.colorspace());
        picture.color_range(context.color_range());
        picture.color_primaries(context.color_primaries());
        picture.color_trc(context.color_trc());
        // MPEG-like encoders take a fixed quantizer from the picture, not from the context.
        picture.quality(context.global_quality());
        check(avutil.av_frame_get_buffer(picture, 0), "no memory for a picture");
        return picture;
    }

    private static void check(int status, String meaning) {
        if (status < 0) {
            throw new VideoEncodeException("%s: %s".formatted(meaning, Ffmpeg.text(status)));
        }
    }

    @Override
    public void close() {
        painter.close();
        avcodec.av_packet_free(packet);
        avutil.av_frame_free(picture);
        avcodec.avcodec_free_context(context);
    }
}
