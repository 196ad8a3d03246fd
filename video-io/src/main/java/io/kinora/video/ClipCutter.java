package io.kinora.video;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Decides which packets make a clip. Clips are wanted on an even grid from the first key frame on; each begins with the last key frame at or before its
 * wanted start, and ends with the last packet, in the order of decoding, before its wanted end: it can be decoded by itself, and no frame is left out
 * between two. Not thread-safe.
 */
final class ClipCutter {
    private final long length;
    private final long step;
    private final int maxBytes;
    private final Deque<HeldPacket> held = new ArrayDeque<>();
    private long heldBytes;
    private long wantedEnd;
    private long lastDts = Long.MIN_VALUE;
    private long cutUpTo = Long.MIN_VALUE;
    private long lost;

    ClipCutter(CutSettings settings) {
        this.length = settings.length().toNanos();
        this.step = length - settings.overlap().toNanos();
        this.maxBytes = settings.maxBytes();
    }

    /** Takes the next packet; returns a clip that it completes. */
    Optional<List<HeldPacket>> take(HeldPacket packet) {
        boolean first = lastDts == Long.MIN_VALUE;
        boolean jumped = !first && (packet.dts() < lastDts || packet.dts() > lastDts + 2 * length);
        Optional<List<HeldPacket>> clip = Optional.empty();
        if (!held.isEmpty() && (jumped || packet.dts() >= wantedEnd)) {
            clip = Optional.of(cut());
            advance(packet, jumped);
        }
        lastDts = packet.dts();
        hold(packet);
        return clip;
    }

    /** What is left of a source that has ended, where no clip had it. */
    Optional<List<HeldPacket>> rest() {
        boolean fresh = held.stream().anyMatch(packet -> packet.dts() > cutUpTo);
        Optional<List<HeldPacket>> clip = fresh ? Optional.of(cut()) : Optional.empty();
        clear();
        return clip;
    }

    /** Packets that are in no clip: before the first key frame, or too many in one go. */
    long lost() {
        return lost;
    }

    /** Bytes in memory. */
    long heldBytes() {
        return heldBytes;
    }

    private List<HeldPacket> cut() {
        cutUpTo = held.getLast().dts();
        return new ArrayList<>(held);
    }

    /** Keeps what the next clip begins with. */
    private void advance(HeldPacket next, boolean jumped) {
        long start = wantedEnd - length + step;
        if (jumped || next.dts() >= start + length) {
            clear(); // nothing of the next clip is there yet
            return;
        }
        wantedEnd = start + length;
        if (next.isKey() && next.pts() <= start) {
            clear();
            wantedEnd = start + length;
            return;
        }
        int begin = -1;
        int index = 0;
        for (Iterator<HeldPacket> all = held.iterator(); all.hasNext(); index++) {
            HeldPacket packet = all.next();
            begin = packet.isKey() && packet.pts() <= start ? index : begin;
        }
        for (int i = 0; i < begin; i++) {
            heldBytes -= held.removeFirst().bytes().length;
        }
    }

    private void hold(HeldPacket packet) {
        if (held.isEmpty()) {
            if (!packet.isKey()) {
                lost++;
                return;
            }
            if (wantedEnd <= packet.pts()) {
                wantedEnd = packet.pts() + length;
            }
        }
        held.add(packet);
        heldBytes += packet.bytes().length;
        if (heldBytes > maxBytes) {
            lost += held.stream().filter(each -> each.dts() > cutUpTo).count();
            clear();
        }
    }

    private void clear() {
        held.clear();
        heldBytes = 0;
        wantedEnd = Long.MIN_VALUE;
    }
}
