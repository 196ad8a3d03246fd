package io.kinora.video;

import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;

/** Takes a container apart: finds the stream that is wanted and hands out its packets in the order they are stored. */
final class Demuxer implements OpenedParts.Part {
    private static final String MAX_STREAMS = "64";
    /** A protocol that does not exist: the demuxer may open nothing by itself. */
    private static final String NO_PROTOCOL = "none";

    private final String name;
    private final AllowedFormats allowed;
    private final ClipInput input;
    private final DecodeLimits limits;
    private final Deadline deadline;
    private AVFormatContext container;
    private int streamIndex;

    private Demuxer(String name, AllowedFormats allowed, ClipInput input, DecodeLimits limits, Deadline deadline) {
        this.name = name;
        this.allowed = allowed;
        this.input = input;
        this.limits = limits;
        this.deadline = deadline;
        this.container = new AVFormatContext(null);
    }

    static Demuxer open(String name, AllowedFormats allowed, ClipInput input, DecodeLimits limits, Deadline deadline) {
        Demuxer demuxer = new Demuxer(name, allowed, input, limits, deadline);
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

    /** The stream that is read; a borrowed structure that is void after {@link #restart()}. */
    AVStream stream() {
        return container.streams(streamIndex);
    }

    /** The decoder of the stream. */
    AVCodec codec() {
        return allowed.decoderFor(stream().codecpar().codec_id());
    }

    /**
     * Reads the next packet of the stream; the caller unreferences it.
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
            if (packet.stream_index() == streamIndex) {
                return 0;
            }
            avcodec.av_packet_unref(packet);
        }
    }

    /** Moves towards a time stamp; where it lands is for the caller to check. False where the container cannot seek. */
    boolean seek(long timestamp) {
        return avformat.avformat_seek_file(container, streamIndex, Long.MIN_VALUE, timestamp, timestamp, 0) >= 0;
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
        Ffmpeg.put(options, "format_whitelist", allowed.demuxers());
        Ffmpeg.put(options, "codec_whitelist", allowed.decoders());
        int opened;
        try {
            // Without a name FFmpeg judges by content alone, whatever the file is called.
            opened = avformat.avformat_open_input(container, (String) null, null, options);
        } finally {
            avutil.av_dict_free(options);
        }
        refuse(opened, "is no %s container that is allowed (%s)".formatted(allowed.noun(), allowed.inWords()));
        checkSizes();
        refuse(findStreams(), "has no streams that can be told");
        deadline.check();
        checkSizes();
        streamIndex = findStream();
        for (int i = 0; i < container.nb_streams(); i++) {
            container.streams(i).discard(i == streamIndex ? avcodec.AVDISCARD_DEFAULT : avcodec.AVDISCARD_ALL);
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

    /** Pictures beside the sound are never decoded, whatever their size. */
    private void checkSizes() {
        for (int i = 0; i < container.nb_streams() && allowed == AllowedFormats.PICTURES; i++) {
            var parameters = container.streams(i).codecpar();
            if (parameters.codec_type() == avutil.AVMEDIA_TYPE_VIDEO) {
                limits.checkPixels(name, parameters.width(), parameters.height());
            }
        }
    }

    private int findStream() {
        Optional<Integer> best = Optional.empty();
        boolean refused = false;
        for (int i = 0; i < container.nb_streams(); i++) {
            AVStream stream = container.streams(i);
            boolean wanted = stream.codecpar().codec_type() == allowed.mediaType()
                    && (stream.disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC) == 0;
            if (!wanted) {
                continue;
            }
            if (allowed.decoderFor(stream.codecpar().codec_id()).isNull()) {
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
        int index = best.orElseThrow(() -> absent(undecodable));
        checkTold(container.streams(index).codecpar());
        return index;
    }

    private UnreadableClipException absent(boolean undecodable) {
        if (undecodable) {
            return new UnreadableClipException("%s has a %s stream in a codec that is not allowed or not built in"
                    .formatted(name, allowed.noun()));
        }
        String message = "%s has no %s stream".formatted(name, allowed.noun());
        return allowed == AllowedFormats.SOUND ? new NoSoundException(message) : new UnreadableClipException(message);
    }

    private void checkTold(AVCodecParameters parameters) {
        boolean told = parameters.format() >= 0
                && switch (allowed) {
                    case PICTURES -> parameters.width() > 0 && parameters.height() > 0;
                    case SOUND ->
                        parameters.sample_rate() > 0 && parameters.ch_layout().nb_channels() > 0;
                };
        if (!told) {
            throw new UnreadableClipException("%s has a %s stream whose %s cannot be told, codec %s"
                    .formatted(
                            name,
                            allowed.noun(),
                            allowed == AllowedFormats.SOUND ? "sampling rate or channels" : "size or pixel format",
                            Ffmpeg.name(avcodec.avcodec_get_name(parameters.codec_id()))));
        }
    }

    @Override
    public void close() {
        avformat.avformat_close_input(container);
    }
}
