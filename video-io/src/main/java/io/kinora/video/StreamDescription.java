package io.kinora.video;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/** Reads {@link VideoInfo} off an opened container. */
final class StreamDescription {
    private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

    private StreamDescription() {}

    static VideoInfo of(Demuxer demuxer, long bytes) {
        AVFormatContext container = demuxer.container();
        AVStream stream = demuxer.stream();
        AVCodecParameters parameters = stream.codecpar();
        AVPixFmtDescriptor format = avutil.av_pix_fmt_desc_get(parameters.format());
        Orientation orientation = orientation(stream);
        Optional<Duration> duration = duration(container, stream);
        Optional<Rational> rate = frameRate(stream);
        boolean counted = stream.nb_frames() > 0;
        return new VideoInfo(
                Ffmpeg.name(container.iformat().name()),
                Ffmpeg.name(avcodec.avcodec_get_name(parameters.codec_id())),
                Optional.ofNullable(avcodec.avcodec_profile_name(parameters.codec_id(), parameters.profile()))
                        .map(Ffmpeg::name),
                orientation.swapsSides() ? parameters.height() : parameters.width(),
                orientation.swapsSides() ? parameters.width() : parameters.height(),
                orientation.clockwise,
                orientation.mirrored,
                sampleAspect(stream),
                rate,
                duration,
                counted ? OptionalLong.of(stream.nb_frames()) : estimate(rate, duration),
                counted,
                Ffmpeg.name(avutil.av_get_pix_fmt_name(parameters.format())),
                format.comp(0).depth(),
                (format.flags() & avutil.AV_PIX_FMT_FLAG_ALPHA) != 0 || hasSideAlpha(stream),
                isInterlaced(parameters),
                Ffmpeg.name(avutil.av_color_space_name(parameters.color_space())),
                Ffmpeg.name(avutil.av_color_range_name(parameters.color_range())),
                Ffmpeg.name(avutil.av_color_transfer_name(parameters.color_trc())),
                bytes,
                container.bit_rate() > 0 ? OptionalLong.of(container.bit_rate()) : OptionalLong.empty(),
                audio(container),
                metadata(container));
    }

    static Orientation orientation(AVStream stream) {
        AVCodecParameters parameters = stream.codecpar();
        AVPacketSideData matrix = avcodec.av_packet_side_data_get(
                parameters.coded_side_data(), parameters.nb_coded_side_data(), avcodec.AV_PKT_DATA_DISPLAYMATRIX);
        return matrix == null || matrix.isNull() ? Orientation.UPRIGHT : FrameConverter.matrix(matrix.data());
    }

    static boolean isInterlaced(AVCodecParameters parameters) {
        return parameters.field_order() != avcodec.AV_FIELD_UNKNOWN
                && parameters.field_order() != avcodec.AV_FIELD_PROGRESSIVE;
    }

    /** A span of so many ticks, each {@code seconds / parts} long, rounded to the nanosecond, half up. */
    static Duration duration(long ticks, long seconds, long parts) {
        BigInteger twice = BigInteger.valueOf(ticks)
                .multiply(BigInteger.valueOf(seconds))
                .multiply(NANOS_PER_SECOND)
                .shiftLeft(1);
        BigInteger divisor = BigInteger.valueOf(parts);
        BigInteger nanos = twice.add(divisor).divide(divisor.shiftLeft(1));
        return Duration.ofNanos(nanos.min(BigInteger.valueOf(Long.MAX_VALUE)).longValue());
    }

    static Optional<Duration> duration(AVFormatContext container, AVStream stream) {
        if (stream.duration() > 0) {
            return Optional.of(duration(
                    stream.duration(),
                    stream.time_base().num(),
                    stream.time_base().den()));
        }
        return container.duration() > 0
                ? Optional.of(duration(container.duration(), 1, avutil.AV_TIME_BASE))
                : Optional.empty();
    }

    private static Optional<Rational> frameRate(AVStream stream) {
        if (Ffmpeg.isPositive(stream.avg_frame_rate())) {
            return Optional.of(rational(stream.avg_frame_rate()));
        }
        return Ffmpeg.isPositive(stream.r_frame_rate())
                ? Optional.of(rational(stream.r_frame_rate()))
                : Optional.empty();
    }

    private static Rational sampleAspect(AVStream stream) {
        if (Ffmpeg.isPositive(stream.sample_aspect_ratio())) {
            return rational(stream.sample_aspect_ratio());
        }
        AVRational coded = stream.codecpar().sample_aspect_ratio();
        return Ffmpeg.isPositive(coded) ? rational(coded) : Rational.ONE;
    }

    private static Rational rational(AVRational ratio) {
        return Rational.of(ratio.num(), ratio.den());
    }

    private static OptionalLong estimate(Optional<Rational> rate, Optional<Duration> duration) {
        if (rate.isEmpty() || duration.isEmpty()) {
            return OptionalLong.empty();
        }
        double seconds = duration.get().toNanos() / 1e9;
        return OptionalLong.of(Math.max(1, Math.round(seconds * rate.get().toDouble())));
    }

    /** WebM keeps the transparency of VP8 and VP9 in a second picture, which it announces by a tag. */
    private static boolean hasSideAlpha(AVStream stream) {
        Map<String, String> tags = new LinkedHashMap<>();
        Ffmpeg.forEach(stream.metadata(), tags::put);
        return "1".equals(tags.get("alpha_mode")) || "1".equals(tags.get("ALPHA_MODE"));
    }

    private static List<AudioTrack> audio(AVFormatContext container) {
        List<AudioTrack> tracks = new ArrayList<>();
        for (int i = 0; i < container.nb_streams(); i++) {
            if (container.streams(i).codecpar().codec_type() == avutil.AVMEDIA_TYPE_AUDIO) {
                tracks.add(audio(container.streams(i)));
            }
        }
        return tracks;
    }

    static AudioTrack audio(AVStream stream) {
        AVCodecParameters parameters = stream.codecpar();
        Map<String, String> tags = new LinkedHashMap<>();
        Ffmpeg.forEach(stream.metadata(), tags::put);
        return new AudioTrack(
                Ffmpeg.name(avcodec.avcodec_get_name(parameters.codec_id())),
                Math.max(0, parameters.sample_rate()),
                Math.max(0, parameters.ch_layout().nb_channels()),
                Optional.ofNullable(tags.get("language")));
    }

    private static Map<String, String> metadata(AVFormatContext container) {
        Map<String, String> pairs = new LinkedHashMap<>();
        Ffmpeg.forEach(container.metadata(), pairs::put);
        return pairs;
    }
}
