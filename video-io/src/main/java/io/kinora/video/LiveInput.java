package io.kinora.video;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avdevice;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** The video stream of a live or recorded source, packet by packet. */
final class LiveInput implements OpenedParts.Part {
    private static final long NANOS = 1_000_000_000L;
    /** ENOTTY: what Linux says of a file that is no device of that kind. */
    private static final int NO_SUCH_CONTROL = -25;
    /** What opening says of a device that is no camera, or not ours: trying again does not help. A camera that is pulled out or taken may come back. */
    private static final Set<Integer> NO_CAMERA =
            Set.of(avutil.AVERROR_EACCES(), avutil.AVERROR_EINVAL(), NO_SUCH_CONTROL);

    private final LiveAddress address;
    private final Deadline deadline;
    private final AVPacket packet = avcodec.av_packet_alloc();
    private AVFormatContext container = new AVFormatContext(null);
    private int streamIndex;

    private LiveInput(LiveAddress address, CutSettings settings) {
        this.address = address;
        this.deadline = new Deadline(address.shown(), DecodeLimits.defaults().withMaxDecodeTime(settings.silence()));
    }

    /**
     * Connects.
     *
     * @throws ClipFetchException if the source does not answer, or not in time
     * @throws UnreadableClipException if it has no video that can be cut
     */
    static LiveInput open(LiveAddress address, CutSettings settings) {
        Ffmpeg.load();
        LiveInput input = new LiveInput(address, settings);
        try {
            input.start();
            return input;
        } catch (RuntimeException failure) {
            input.close();
            throw failure;
        }
    }

    private void start() {
        container = avformat.avformat_alloc_context();
        try (AVIOInterruptCB interrupt = deadline.interrupt()) {
            container.interrupt_callback(interrupt);
        }
        AVDictionary options = new AVDictionary(null);
        address.options().forEach((key, value) -> Ffmpeg.put(options, key, value));
        Ffmpeg.put(options, "fflags", "+genpts");
        Ffmpeg.put(options, "protocol_whitelist", address.protocols());
        int opened;
        try (BytePointer url = new BytePointer(address.url(), StandardCharsets.UTF_8)) {
            opened = avformat.avformat_open_input(container, url, format(), options);
        } finally {
            avutil.av_dict_free(options);
        }
        if (opened < 0) {
            boolean isNone = address.device().isPresent() && NO_CAMERA.contains(opened);
            throw new ClipFetchException(
                    "%s cannot be opened: %s%s"
                            .formatted(
                                    address.shown(),
                                    Ffmpeg.text(opened),
                                    isNone ? "; it has to be a camera that this user may read" : ""),
                    address.isLive() && !isNone);
        }
        deadline.restart();
        int found = avformat.avformat_find_stream_info(container, (PointerPointer<AVDictionary>) null);
        streamIndex = found < 0
                ? found
                : avformat.av_find_best_stream(
                        container, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0);
        if (streamIndex < 0) {
            throw new UnreadableClipException("%s has no video stream".formatted(address.shown()));
        }
        for (int i = 0; i < container.nb_streams(); i++) {
            container.streams(i).discard(i == streamIndex ? avcodec.AVDISCARD_DEFAULT : avcodec.AVDISCARD_ALL);
        }
        if (parameters().codec_id() == avcodec.AV_CODEC_ID_RAWVIDEO) {
            throw new UnreadableClipException(
                    "%s brings raw pictures, which are too many bytes to keep: have it encode (H.264, MJPEG)"
                            .formatted(address.shown()));
        }
    }

    private AVInputFormat format() {
        return address.device()
                .map(name -> {
                    avdevice.avdevice_register_all();
                    AVInputFormat format = avformat.av_find_input_format(name);
                    if (format == null || format.isNull()) {
                        throw new UnreadableClipException("%s cannot be read: this FFmpeg knows no devices (%s)"
                                .formatted(address.shown(), name));
                    }
                    return format;
                })
                .orElseGet(() -> new AVInputFormat(null));
    }

    AVCodecParameters parameters() {
        return container.streams(streamIndex).codecpar();
    }

    /**
     * The next packet of the stream; empty at its end.
     *
     * @throws ClipFetchException if the source broke off, or brought nothing for too long
     */
    Optional<HeldPacket> next() {
        deadline.restart();
        while (true) {
            int status = avformat.av_read_frame(container, packet);
            if (status == avutil.AVERROR_EAGAIN()) {
                continue;
            }
            if (status == avutil.AVERROR_EOF()) {
                return Optional.empty();
            }
            if (status < 0) {
                throw new ClipFetchException(
                        "%s broke off: %s".formatted(address.shown(), Ffmpeg.text(status)), address.isLive());
            }
            try {
                if (packet.stream_index() == streamIndex && packet.size() > 0) {
                    return Optional.of(held());
                }
            } finally {
                avcodec.av_packet_unref(packet);
            }
        }
    }

    private HeldPacket held() {
        byte[] bytes = new byte[packet.size()];
        packet.data().get(bytes);
        long unset = avutil.AV_NOPTS_VALUE;
        if (packet.dts() == unset && packet.pts() == unset) {
            throw new UnreadableClipException("%s has frames without times".formatted(address.shown()));
        }
        long pts = packet.pts() == unset ? packet.dts() : packet.pts();
        long dts = packet.dts() == unset ? packet.pts() : packet.dts();
        boolean key = (packet.flags() & avcodec.AV_PKT_FLAG_KEY) != 0;
        return new HeldPacket(bytes, nanos(pts), nanos(dts), nanos(packet.duration()), key);
    }

    private long nanos(long ticks) {
        AVRational base = container.streams(streamIndex).time_base();
        return avutil.av_rescale(ticks, base.num() * NANOS, base.den());
    }

    @Override
    public void close() {
        avcodec.av_packet_free(packet);
        if (!container.isNull()) {
            avformat.avformat_close_input(container);
        }
        deadline.close();
    }
}
