package io.kinora.video;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * Every packet of a clip's picture, found by taking the container apart without decoding: in decode order (as stored)
 * and, for those that show a frame, in presentation order. Immutable.
 */
final class Timeline {
    private static final int FIRST_CAPACITY = 1024;

    private final Packets packets;
    private final int[] presented; // decode indices by presentation order
    private final Map<Long, Integer> byPts; // to decode index
    private final boolean reliable;
    private final List<String> damage;
    private final int tickNumerator;
    private final int tickDenominator;

    private Timeline(Packets packets, boolean fieldsMayBeApart, List<String> damage, AVStream stream) {
        this.packets = packets;
        this.damage = List.copyOf(damage);
        this.tickNumerator = stream.time_base().num();
        this.tickDenominator = stream.time_base().den();
        this.byPts = new HashMap<>();
        boolean clear = !fieldsMayBeApart;
        for (int i = 0; i < packets.count; i++) {
            if (packets.shown(i)) {
                clear &= packets.pts[i] != avutil.AV_NOPTS_VALUE && byPts.put(packets.pts[i], i) == null;
            }
        }
        this.reliable = clear;
        IntStream shown = IntStream.range(0, packets.count).filter(packets::shown);
        this.presented = clear
                ? shown.boxed()
                        .sorted((a, b) -> Long.compare(packets.pts[a], packets.pts[b]))
                        .mapToInt(Integer::intValue)
                        .toArray()
                : shown.toArray();
    }

    /**
     * Reads a clip to its end, from where it is: the beginning.
     *
     * @throws ClipLimitException as soon as frames or duration are past their ceiling
     */
    static Timeline read(String name, Demuxer demuxer, DecodeLimits limits) {
        AVStream stream = demuxer.stream();
        PacketInspector inspector = new PacketInspector(stream.codecpar());
        Packets packets = new Packets();
        AVPacket packet = avcodec.av_packet_alloc();
        int status;
        try {
            while ((status = demuxer.read(packet)) == 0) {
                packets.add(packet, inspector.inspect(packet));
                avcodec.av_packet_unref(packet);
                limits.checkFrames(name, packets.count);
                limits.checkDuration(
                        name,
                        StreamDescription.duration(
                                packets.span(),
                                stream.time_base().num(),
                                stream.time_base().den()));
            }
        } finally {
            avcodec.av_packet_free(packet);
        }
        if (packets.count == 0) {
            throw new UnreadableClipException("%s has a video stream without a single packet".formatted(name));
        }
        if (inspector.hasSubLayers()) {
            packets.keepAll();
        }
        // A transport stream may store the two fields of a frame as two packets; only the decoder joins them.
        boolean fieldsMayBeApart = StreamDescription.isInterlaced(stream.codecpar())
                && Ffmpeg.name(demuxer.container().iformat().name()).startsWith("mpeg");
        return new Timeline(packets, fieldsMayBeApart, damage(packets, status, stream), stream);
    }

    /** Frames that the container holds. */
    int frames() {
        return presented.length;
    }

    /** Packets of the picture. */
    int packets() {
        return packets.count;
    }

    /** Whether each shown packet is one frame with a time stamp of its own, so that frames are known before decoding. */
    boolean isReliable() {
        return reliable && presented.length > 0;
    }

    /** What the container itself shows to be missing, in words. */
    List<String> damage() {
        return damage;
    }

    /** Times of the frames; only for a reliable time line. */
    FrameTimes times() {
        long[] starts = Arrays.stream(presented).mapToLong(i -> packets.pts[i]).toArray();
        long lastDuration = packets.duration[presented[presented.length - 1]];
        return FrameTimes.of(starts, lastDuration, tickNumerator, tickDenominator);
    }

    int tickNumerator() {
        return tickNumerator;
    }

    int tickDenominator() {
        return tickDenominator;
    }

    /** Decode index of a frame given by presentation order. */
    int decodeIndex(int frame) {
        return presented[frame];
    }

    /** Decode index of the shown packet with this time stamp. */
    Optional<Integer> decodeIndexAt(long pts) {
        return Optional.ofNullable(byPts.get(pts));
    }

    long pts(int decodeIndex) {
        return packets.pts[decodeIndex];
    }

    int bytes(int decodeIndex) {
        return packets.size[decodeIndex];
    }

    boolean isDisposable(int decodeIndex) {
        return packets.has(decodeIndex, Packets.DISPOSABLE);
    }

    /**
     * The last packet where decoding may begin for a picture: a key frame stored before it and not shown after it. A
     * picture stored after a key frame but shown before it may need pictures from before the key frame.
     */
    int keyBefore(int decodeIndex) {
        for (int i = decodeIndex; i > 0; i--) {
            if (packets.has(i, Packets.ENTRY) && packets.pts[i] <= packets.pts[decodeIndex]) {
                return i;
            }
        }
        return 0;
    }

    /** Whether a packet read again is the one at this place. */
    boolean isAt(int decodeIndex, AVPacket packet) {
        return packet.pts() == packets.pts[decodeIndex]
                && packet.dts() == packets.dts[decodeIndex]
                && packet.size() == packets.size[decodeIndex];
    }

    private static List<String> damage(Packets packets, int status, AVStream stream) {
        List<String> damage = new ArrayList<>();
        if (stream.nb_frames() > packets.count) {
            damage.add("the container declares %d frames and has %d".formatted(stream.nb_frames(), packets.count));
        }
        if (status != avutil.AVERROR_EOF) {
            damage.add("the container ends in an error: " + Ffmpeg.text(status));
        }
        int corrupt = 0;
        for (int i = 0; i < packets.count; i++) {
            corrupt += packets.has(i, Packets.CORRUPT) ? 1 : 0;
        }
        if (corrupt > 0) {
            damage.add("%d of %d packets are incomplete".formatted(corrupt, packets.count));
        }
        return damage;
    }

    /** Packets by decode order, in growing arrays. */
    private static final class Packets {
        private static final int ENTRY = 1;
        private static final int DISPOSABLE = 2;
        private static final int HIDDEN = 4;
        private static final int CORRUPT = 8;

        private int count;
        private long[] pts = new long[FIRST_CAPACITY];
        private long[] dts = new long[FIRST_CAPACITY];
        private long[] duration = new long[FIRST_CAPACITY];
        private int[] size = new int[FIRST_CAPACITY];
        private byte[] flags = new byte[FIRST_CAPACITY];
        private long earliest = Long.MAX_VALUE;
        private long latest = Long.MIN_VALUE;

        void add(AVPacket packet, PacketInspector.Traits traits) {
            if (count == pts.length) {
                int larger = count * 2;
                pts = Arrays.copyOf(pts, larger);
                dts = Arrays.copyOf(dts, larger);
                duration = Arrays.copyOf(duration, larger);
                size = Arrays.copyOf(size, larger);
                flags = Arrays.copyOf(flags, larger);
            }
            pts[count] = packet.pts();
            dts[count] = packet.dts();
            duration[count] = packet.duration();
            size[count] = packet.size();
            boolean hidden = traits.hidden() || (packet.flags() & avcodec.AV_PKT_FLAG_DISCARD) != 0;
            flags[count] = (byte) ((traits.entry() ? ENTRY : 0)
                    | (traits.disposable() ? DISPOSABLE : 0)
                    | (hidden ? HIDDEN : 0)
                    | ((packet.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0 ? CORRUPT : 0));
            if (!hidden) {
                long time = packet.pts() != avutil.AV_NOPTS_VALUE ? packet.pts() : packet.dts();
                if (time != avutil.AV_NOPTS_VALUE) {
                    earliest = Math.min(earliest, time);
                    latest = Math.max(latest, plus(time, Math.max(0, packet.duration())));
                }
            }
            count++;
        }

        /** From the first start to the last end, in ticks; absurd time stamps give an absurd span, never a small one. */
        long span() {
            return latest < earliest
                    ? 0
                    : earliest < 0 ? plus(latest, -Math.max(earliest, -Long.MAX_VALUE)) : latest - earliest;
        }

        private static long plus(long a, long b) {
            return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
        }

        boolean has(int index, int flag) {
            return (flags[index] & flag) != 0;
        }

        boolean shown(int index) {
            return !has(index, HIDDEN);
        }

        void keepAll() {
            for (int i = 0; i < count; i++) {
                flags[i] &= ~DISPOSABLE;
            }
        }
    }
}
