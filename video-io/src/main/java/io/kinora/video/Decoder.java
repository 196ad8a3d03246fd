package io.kinora.video;

import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * Turns packets into pictures, or into pieces of sound, several at a time on several threads; they come out in
 * presentation order.
 */
final class Decoder implements AutoCloseable {
    private static final int MOST_THREADS = 16;
    /** Codecs pad pictures to whole blocks; the limit is on the picture, FFmpeg's check on the padded one. */
    private static final long PADDING = 1L << 16;

    /** AV_EF_CRCCHECK and AV_EF_EXPLODE. */
    private static final int CHECK_AND_REFUSE = 1 | 1 << 3;

    private final Deadline deadline;
    private final AVCodecContext context;
    private final AVFrame frame;
    private int errors;
    private int pictures;

    private Decoder(Deadline deadline, AVCodecContext context, AVFrame frame) {
        this.deadline = deadline;
        this.context = context;
        this.frame = frame;
    }

    static Decoder open(String name, Demuxer demuxer, DecodeLimits limits, Deadline deadline) {
        return open(name, demuxer, limits, deadline, false);
    }

    /** A decoder that, where it is careful, compares checksums and takes every deviation from its standard for an error. */
    static Decoder open(String name, Demuxer demuxer, DecodeLimits limits, Deadline deadline, boolean careful) {
        Decoder decoder =
                new Decoder(deadline, avcodec.avcodec_alloc_context3(demuxer.codec()), avutil.av_frame_alloc());
        try {
            AVCodecContext context = decoder.context;
            int status = avcodec.avcodec_parameters_to_context(
                    context, demuxer.stream().codecpar());
            if (status >= 0) {
                context.pkt_timebase(demuxer.stream().time_base());
                if (careful) {
                    context.err_recognition(CHECK_AND_REFUSE);
                }
                context.max_pixels(maxCodedPixels(limits));
                context.thread_count(Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));
                context.thread_type(AVCodecContext.FF_THREAD_FRAME | AVCodecContext.FF_THREAD_SLICE);
                status = avcodec.avcodec_open2(context, demuxer.codec(), (AVDictionary) null);
            }
            if (status < 0) {
                throw new UnreadableClipException(
                        "%s has a stream that its decoder refuses: %s".formatted(name, Ffmpeg.text(status)));
            }
            return decoder;
        } catch (RuntimeException failure) {
            decoder.close();
            throw failure;
        }
    }

    static long maxCodedPixels(DecodeLimits limits) {
        return limits.maxPixelsPerFrame() + limits.maxPixelsPerFrame() / 8 + PADDING;
    }

    /** Decodes a packet and hands over the pictures that are ready; they are borrowed and overwritten by the next. */
    void send(AVPacket packet, Consumer<AVFrame> ready) {
        submit(packet, ready);
    }

    /** Hands over the pictures still held back, and makes the decoder ready to begin at another key frame. */
    void drain(Consumer<AVFrame> ready) {
        submit(null, ready);
        avcodec.avcodec_flush_buffers(context);
    }

    /** How often the decoder reported data it could not use, or a picture it had to invent parts of. */
    int errors() {
        return errors;
    }

    /** Pictures that came out. */
    int pictures() {
        return pictures;
    }

    private void submit(AVPacket packet, Consumer<AVFrame> ready) {
        int status = avcodec.avcodec_send_packet(context, packet);
        while (status == avutil.AVERROR_EAGAIN()) {
            if (!receive(ready)) {
                break;
            }
            status = avcodec.avcodec_send_packet(context, packet);
        }
        if (status < 0 && status != avutil.AVERROR_EOF) {
            errors++;
        }
        boolean more = true;
        while (more) {
            more = receive(ready);
        }
    }

    private boolean receive(Consumer<AVFrame> ready) {
        deadline.check();
        int status = avcodec.avcodec_receive_frame(context, frame);
        if (status == avutil.AVERROR_EAGAIN() || status == avutil.AVERROR_EOF) {
            return false;
        }
        if (status < 0) {
            errors++;
            return true;
        }
        if (frame.decode_error_flags() != 0 || FrameFlag.CORRUPT.in(frame)) {
            errors++;
        }
        pictures++;
        ready.accept(frame);
        return true;
    }

    @Override
    public void close() {
        avutil.av_frame_free(frame);
        avcodec.avcodec_free_context(context);
    }
}
