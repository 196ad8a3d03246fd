package io.kinora.video;

import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * Reads the packets of an indexed clip again, at any place. Wherever a container's own seeking lands, the packets are
 * compared with the index, and the clip is read from its beginning where they disagree.
 */
final class PacketCursor implements AutoCloseable {
    /** Packets nearer than this are read and dropped: cheaper and surer than to seek. */
    private static final long SEEK_BYTES = 1 << 20;

    private final Demuxer demuxer;
    private final Timeline timeline;
    private final AVPacket packet = avcodec.av_packet_alloc();
    /** Decode index of the packet that {@code packet} holds. */
    private int current;

    /** A cursor on a clip that was just read to its end. */
    PacketCursor(Demuxer demuxer, Timeline timeline) {
        this.demuxer = demuxer;
        this.timeline = timeline;
        this.current = timeline.packets();
    }

    /** The packet at a decode index, borrowed until the next call; empty where the clip reads otherwise than before. */
    boolean moveTo(int target) {
        if (target == current) {
            return true;
        }
        if (isFar(target) && demuxer.seek(timeline.pts(target))) {
            current = -1;
            if (next() && isAtOrBefore(target)) {
                return readTo(target);
            }
        }
        if (target < current || current < 0) {
            avcodec.av_packet_unref(packet);
            demuxer.restart();
            current = -1;
        }
        return readTo(target);
    }

    /** The packet that {@link #moveTo} found. */
    AVPacket packet() {
        return packet;
    }

    private boolean isFar(int target) {
        if (target < current) {
            return true;
        }
        long bytes = 0;
        for (int i = current + 1; i < target; i++) {
            bytes += timeline.bytes(i);
        }
        return bytes > SEEK_BYTES;
    }

    /** Whether seeking landed on the target or before it; if so, {@code current} says where. */
    private boolean isAtOrBefore(int target) {
        for (int i = target; i >= 0; i--) {
            if (timeline.isAt(i, packet)) {
                current = i;
                return true;
            }
        }
        return false;
    }

    private boolean readTo(int target) {
        while (current < target) {
            if (!next()) {
                return false;
            }
            current++;
        }
        return timeline.isAt(target, packet);
    }

    private boolean next() {
        avcodec.av_packet_unref(packet);
        return demuxer.read(packet) == 0;
    }

    @Override
    public void close() {
        avcodec.av_packet_free(packet);
    }
}
