package io.kinora.video;

import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;

/** Takes a container apart: finds the picture's stream and hands out its packets in the order they are stored. */
final class Demuxer implements OpenedParts.Part {
    private static final String MAX_STREAMS = "64";
    /** A protocol that does not exist: the demuxer may open nothing by itself. */
    private static final String NO_PROTOCOL = "none";

    private final String name;
    private final ClipInput input;
    private final DecodeLimits limits;
    private final Deadline deadline;
    private AVFormatContext container;
    private int videoIndex;

    private Demuxer(String name, ClipInput input, DecodeLimits limits, Deadline deadline) {
        this.name = name;
        this.input = input;
        this.limits = limits;
        this.deadline = deadline;
        this.container = new AVFormatContext(null);
    }

    static Demuxer open(String name, ClipInput input, DecodeLimits limits, Deadline deadline) {
        Demuxer demuxer = new Demuxer(name, input, limits, deadline);
        try {
            demuxer.start();
            return demuxer;
        } catch (RuntimeException failure) {
            demuxer.close();
            throw failure;
        }
    }

    AVFormatContext container() {
        return container;
    }

    /** The picture's stream; a borrowed structure that is void after {@link #restart()}. */
    AVStream video() {
        return container.streams(videoIndex);
    }

    /** The decoder of the picture's stream. */
    AVCodec codec() {
        return AllowedFormats.decoderFor(video().codecpar().codec_id());
    }

    /**
     * Reads the next packet of the picture; the caller unreferences it.
     *
     * @return 0, {@code AVERROR_EOF} at the end, or another error of FFmpeg's after which there is no more to read
     * @throws ClipLimitException when the time is up
     */
    int read(AVPacket packet) {
        while (true) {
            deadline.check();
            int status = avformat.av_read_frame(container, packet);
            if (status == avutil.AVERROR_EAGAIN()) {
                continue;
            }
            if (status < 0) {
                deadline.check();
                return status;
            }
            if (packet.stream_index() == videoIndex) {
                return 0;
            }
            avcodec.av_packet_unref(packet);
        }
    }

    /** Moves towards a time stamp; where it lands is for the caller to check. False where the container cannot seek. */
    boolean seek(long timestamp) {
        return avformat.avformat_seek_file(container, videoIndex, Long.MIN_VALUE, timestamp, timestamp, 0) >= 0;
    }

    /** Begins again at the first packet, exactly as when the container was opened. */
    void restart() {
        avformat.avformat_close_input(container);
        container = new AVFormatContext(null);
        start();
    }

    private void start() {
        rewindInput();
        container = avformat.avformat_alloc_context();
        container.pb(input.context());
        container.max_streams(Integer.parseInt(MAX_STREAMS));
        try (AVIOInterruptCB interrupt = deadline.interrupt()) {
            container.interrupt_callback(interrupt);
        }
        AVDictionary options = new AVDictionary(null);
        Ffmpeg.put(options, "protocol_whitelist", NO_PROTOCOL);
        Ffmpeg.put(options, "format_whitelist", AllowedFormats.demuxers());
        Ffmpeg.put(options, "codec_whitelist", AllowedFormats.decoders());
        int opened;
        try {
            // Without a name FFmpeg judges by content alone, whatever the file is called.
            opened = avformat.avformat_open_input(container, (String) null, null, options);
        } finally {
            avutil.av_dict_free(options);
        }
        refuse(opened, "is no video container that is allowed (%s)".formatted(AllowedFormats.IN_WORDS));
        checkSizes();
        refuse(findStreams(), "has no streams that can be told");
        deadline.check();
        checkSizes();
        videoIndex = findVideo();
        for (int i = 0; i < container.nb_streams(); i++) {
            container.streams(i).discard(i == videoIndex ? avcodec.AVDISCARD_DEFAULT : avcodec.AVDISCARD_ALL);
        }
    }

    private void rewindInput() {
        if (avformat.avio_seek(input.context(), 0, 0) < 0) {
            throw new UnreadableClipException("%s cannot be read from its beginning".formatted(name));
        }
    }

    private int findStreams() {
        int streams = container.nb_streams();
        try (PointerPointer<AVDictionary> options = new PointerPointer<>(Math.max(1, streams))) {
            for (int i = 0; i < streams; i++) {
                AVDictionary option = new AVDictionary(null);
                Ffmpeg.put(option, "max_pixels", Long.toString(Decoder.maxCodedPixels(limits)));
                options.put(i, option);
            }
            int found = avformat.avformat_find_stream_info(container, options);
            for (int i = 0; i < streams; i++) {
                // A dictionary whose last option was taken is freed already.
                AVDictionary left = options.get(AVDictionary.class, i);
                if (left != null) {
                    avutil.av_dict_free(left);
                }
            }
            return found;
        }
    }

    private void refuse(int status, String meaning) {
        if (status < 0) {
            deadline.check();
            throw new UnreadableClipException("%s %s: %s".formatted(name, meaning, Ffmpeg.text(status)));
        }
    }

    private void checkSizes() {
        for (int i = 0; i < container.nb_streams(); i++) {
            var parameters = container.streams(i).codecpar();
            if (parameters.codec_type() == avutil.AVMEDIA_TYPE_VIDEO) {
                limits.checkPixels(name, parameters.width(), parameters.height());
            }
        }
    }

    private int findVideo() {
        Optional<Integer> best = Optional.empty();
        boolean refused = false;
        for (int i = 0; i < container.nb_streams(); i++) {
            AVStream stream = container.streams(i);
            boolean picture = stream.codecpar().codec_type() == avutil.AVMEDIA_TYPE_VIDEO
                    && (stream.disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC) == 0;
            if (!picture) {
                continue;
            }
            if (AllowedFormats.decoderFor(stream.codecpar().codec_id()).isNull()) {
                refused = true;
                continue;
            }
            boolean preferred = (stream.disposition() & avformat.AV_DISPOSITION_DEFAULT) != 0;
            if (best.isEmpty()
                    || (preferred
                            && (container.streams(best.get()).disposition() & avformat.AV_DISPOSITION_DEFAULT) == 0)) {
                best = Optional.of(i);
            }
        }
        boolean undecodable = refused;
        int index = best.orElseThrow(() -> new UnreadableClipException(
                undecodable
                        ? "%s has a video stream in a codec that is not allowed or not built in".formatted(name)
                        : "%s has no video stream".formatted(name)));
        var parameters = container.streams(index).codecpar();
        if (parameters.width() < 1 || parameters.height() < 1 || parameters.format() < 0) {
            throw new UnreadableClipException(
                    "%s has a video stream whose size or pixel format cannot be told, codec %s"
                            .formatted(name, Ffmpeg.name(avcodec.avcodec_get_name(parameters.codec_id()))));
        }
        return index;
    }

    @Override
    public void close() {
        avformat.avformat_close_input(container);
    }
}
