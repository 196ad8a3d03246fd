package io.kinora.video;

/** A packet of the stream that is cut, in memory of its own; times in nanoseconds of the source's clock. */
final class HeldPacket {
    private final byte[] bytes;
    private final long pts;
    private final long dts;
    private final long duration;
    private final boolean key;

    HeldPacket(byte[] bytes, long pts, long dts, long duration, boolean key) {
        this.bytes = bytes;
        this.pts = pts;
        this.dts = dts;
        this.duration = duration;
        this.key = key;
    }

    byte[] bytes() {
        return bytes;
    }

    long pts() {
        return pts;
    }

    long dts() {
        return dts;
    }

    long duration() {
        return duration;
    }

    /** Whether decoding can begin with it. */
    boolean isKey() {
        return key;
    }
}
