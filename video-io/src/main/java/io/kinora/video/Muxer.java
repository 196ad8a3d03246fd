package io.kinora.video;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/** Writes the packets of one stream into a container file. */
final class Muxer implements OpenedParts.Part {
    /** AVFMT_FLAG_BITEXACT and AVFMT_GLOBALHEADER of libavformat/avformat.h, which the bindings leave out. */
    private static final int BITEXACT = 0x0400;

    private static final int GLOBAL_HEADER = 0x0040;

    private final AVFormatContext container = new AVFormatContext(null);
    private final Path file;

    private Muxer(Path file) {
        this.file = file;
    }

    /** Whether a container keeps the codec's headers apart from the packets. */
    static boolean wantsGlobalHeader(String container) {
        AVOutputFormat format = avformat.av_guess_format(container, null, null);
        return format != null && (format.flags() & GLOBAL_HEADER) != 0;
    }

    /** Creates the file, or empties it, and writes the headers. */
    static Muxer open(Path file, EncoderSpec spec, AVCodecContext encoder, Map<String, String> metadata) {
        return open(file, spec.container(), spec.containerOptions(), encoder, metadata);
    }

    /** Creates the file, or empties it, and writes the headers of a container that FFmpeg calls so. */
    static Muxer open(
            Path file,
            String container,
            Map<String, String> options,
            AVCodecContext encoder,
            Map<String, String> metadata) {
        Muxer muxer = new Muxer(file);
        try {
            muxer.start(container, options, encoder, metadata);
            return muxer;
        } catch (RuntimeException failure) {
            muxer.close();
            throw failure;
        }
    }

    /**
     * Creates the file, or empties it, and writes the headers for packets that another container had.
     *
     * @param ticks of their times in a second
     */
    static Muxer open(
            Path file, String container, Map<String, String> options, AVCodecParameters parameters, int ticks) {
        Muxer muxer = new Muxer(file);
        try {
            muxer.create(container);
            AVStream stream = avformat.avformat_new_stream(muxer.container, null);
            muxer.check(avcodec.avcodec_parameters_copy(stream.codecpar(), parameters));
            stream.codecpar().codec_tag(0); // of the other container
            stream.time_base().num(1).den(ticks);
            muxer.writeHeader(options);
            return muxer;
        } catch (RuntimeException failure) {
            muxer.close();
            throw failure;
        }
    }

    private void create(String format) {
        try (BytePointer url = new BytePointer("file:" + file.toAbsolutePath(), StandardCharsets.UTF_8);
                BytePointer name = new BytePointer(format, StandardCharsets.UTF_8)) {
            check(avformat.avformat_alloc_output_context2(container, null, name, url));
            container.flags(container.flags() | BITEXACT);
            AVIOContext output = new AVIOContext(null);
            check(avformat.avio_open2(output, url, avformat.AVIO_FLAG_WRITE, null, (AVDictionary) null));
            container.pb(output);
        }
    }

    private void start(
            String format, Map<String, String> formatOptions, AVCodecContext encoder, Map<String, String> metadata) {
        create(format);
        AVStream stream = avformat.avformat_new_stream(container, null);
        check(avcodec.avcodec_parameters_from_context(stream.codecpar(), encoder));
        stream.time_base(encoder.time_base());
        stream.avg_frame_rate(encoder.framerate());
        AVDictionary pairs = new AVDictionary(null);
        metadata.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(pair -> Ffmpeg.put(pairs, pair.getKey(), pair.getValue()));
        container.metadata(pairs);
        writeHeader(formatOptions);
    }

    private void writeHeader(Map<String, String> formatOptions) {
        AVDictionary options = new AVDictionary(null);
        formatOptions.forEach((key, value) -> Ffmpeg.put(options, key, value));
        try {
            check(avformat.avformat_write_header(container, options));
        } finally {
            avutil.av_dict_free(options);
        }
    }

    /** Writes a packet whose times are in the encoder's time base; it is left empty. */
    void write(AVPacket packet, AVCodecContext encoder) {
        if (packet.duration() == 0) {
            packet.duration(1);
        }
        avcodec.av_packet_rescale_ts(
                packet, encoder.time_base(), container.streams(0).time_base());
        packet.stream_index(0);
        check(avformat.av_interleaved_write_frame(container, packet));
    }

    /** Writes a packet whose times are in ticks of this many a second; it is left empty. */
    void write(AVPacket packet, int ticks) {
        try (AVRational base = avutil.av_make_q(1, ticks)) {
            avcodec.av_packet_rescale_ts(packet, base, container.streams(0).time_base());
        }
        packet.stream_index(0);
        check(avformat.av_interleaved_write_frame(container, packet));
    }

    /** Writes what a container has at its end. */
    void finish() {
        check(avformat.av_write_trailer(container));
    }

    private void check(int status) {
        if (status < 0) {
            throw new VideoEncodeException("%s cannot be written: %s".formatted(file, Ffmpeg.text(status)));
        }
    }

    @Override
    public void close() {
        if (!container.isNull()) {
            AVIOContext output = container.pb();
            if (output != null && !output.isNull()) {
                avformat.avio_closep(output);
            }
            avformat.avformat_free_context(container);
            container.setNull();
        }
    }
}
