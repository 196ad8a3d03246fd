package io.kinora.video;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;

/**
 * Cuts a live or recorded source into clips that begin at key frames. Nothing is decoded or encoded: a clip has the source's own packets. Only the video
 * is taken.
 *
 * <p>Blocks, and holds native memory: close it. Not thread-safe.
 */
public final class LiveClips implements AutoCloseable {
    private static final int MICROS_PER_SECOND = 1_000_000;
    private static final long NANOS_PER_MICRO = 1_000;
    private static final long SHORTEST = 1_000_000;

    private final LiveInput input;
    private final ClipCutter cutter;
    private final Clock clock;
    private final Optional<Instant> first;

    /** The wall-clock time of the source's time 0. */
    private Optional<Instant> origin = Optional.empty();

    private boolean ended;

    private LiveClips(LiveInput input, CutSettings settings, Clock clock, Optional<Instant> recordedAt) {
        this.input = input;
        this.cutter = new ClipCutter(settings);
        this.clock = clock;
        this.first = recordedAt;
    }

    /**
     * Connects to a source.
     *
     * @param recordedAt the wall-clock time of the first frame; empty for the moment at which it comes
     * @throws ClipFetchException if it does not answer; {@code mayPass} where trying again makes sense
     * @throws UnreadableClipException if it has no video that can be cut
     */
    public static LiveClips open(LiveAddress address, CutSettings settings, Clock clock, Optional<Instant> recordedAt) {
        return new LiveClips(LiveInput.open(address, settings), settings, clock, recordedAt);
    }

    /**
     * The next clip; empty when the source has ended.
     *
     * @throws ClipFetchException if it broke off; {@link #rest()} has what had come by then
     */
    public Optional<CutClip> next() {
        while (!ended) {
            Optional<HeldPacket> packet = input.next();
            if (packet.isEmpty()) {
                ended = true;
                return rest();
            }
            if (origin.isEmpty()) {
                origin = Optional.of(
                        first.orElseGet(clock::instant).minusNanos(packet.get().pts()));
            }
            Optional<List<HeldPacket>> clip = cutter.take(packet.get());
            if (clip.isPresent()) {
                return clip.map(this::muxed);
            }
        }
        return Optional.empty();
    }

    /** What has come and is in no clip yet, where it can be decoded. */
    public Optional<CutClip> rest() {
        return cutter.rest().map(this::muxed);
    }

    /** Frames that are in no clip: before the first key frame, or in a clip larger than is held. */
    public long lostFrames() {
        return cutter.lost();
    }

    private CutClip muxed(List<HeldPacket> packets) {
        boolean mp4 = avformat.avformat_query_codec(
                        avformat.av_guess_format("mp4", null, null),
                        input.parameters().codec_id(),
                        0)
                == 1;
        String container = mp4 ? "mp4" : "matroska";
        byte[] bytes = UnfinishedFile.bytes("." + container, file -> {
            try (Muxer muxer = Muxer.open(
                    file,
                    container,
                    mp4 ? Map.of("movflags", "faststart") : Map.of(),
                    input.parameters(),
                    MICROS_PER_SECOND)) {
                write(packets, muxer);
                muxer.finish();
            }
        });
        long begin = packets.stream().mapToLong(HeldPacket::pts).min().orElseThrow();
        long end = IntStream.range(0, packets.size())
                .mapToLong(i -> packets.get(i).pts() + duration(packets, i))
                .max()
                .orElseThrow();
        return new CutClip(
                bytes,
                mp4 ? "video/mp4" : "video/x-matroska",
                origin.orElseThrow().plusNanos(begin),
                Duration.ofNanos(end - begin),
                packets.size());
    }

    /** FLV and RTMP do not say how long a frame is shown. A last one that is shown for no time is none to who plays the clip: it has the time of the one before it. */
    private static long duration(List<HeldPacket> packets, int index) {
        long told = packets.get(index).duration();
        int before = Math.min(index, packets.size() - 2);
        return told > 0
                ? told
                : before < 0
                        ? SHORTEST
                        : packets.get(before + 1).dts() - packets.get(before).dts();
    }

    private static void write(List<HeldPacket> packets, Muxer muxer) {
        long zero = packets.get(0).pts();
        AVPacket packet = avcodec.av_packet_alloc();
        try {
            for (int i = 0; i < packets.size(); i++) {
                HeldPacket held = packets.get(i);
                if (avcodec.av_new_packet(packet, held.bytes().length) < 0) {
                    throw new VideoEncodeException("no memory for a packet of %d bytes".formatted(held.bytes().length));
                }
                packet.data().put(held.bytes());
                packet.pts(Math.floorDiv(held.pts() - zero, NANOS_PER_MICRO));
                packet.dts(Math.floorDiv(held.dts() - zero, NANOS_PER_MICRO));
                packet.duration(duration(packets, i) / NANOS_PER_MICRO);
                packet.flags(held.isKey() ? avcodec.AV_PKT_FLAG_KEY : 0);
                muxer.write(packet, MICROS_PER_SECOND);
            }
        } finally {
            avcodec.av_packet_free(packet);
        }
    }

    @Override
    public void close() {
        input.close();
    }
}
