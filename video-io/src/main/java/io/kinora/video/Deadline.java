package io.kinora.video;

import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * The moment by which work on a clip must be done. It lies in native memory, so that FFmpeg's own reads are interrupted
 * by it as well: one stateless callback serves every clip.
 */
final class Deadline implements OpenedParts.Part {
    private static final AVIOInterruptCB.Callback_Pointer PASSED =
            Ffmpeg.forever(new AVIOInterruptCB.Callback_Pointer() {
                @Override
                public int call(Pointer opaque) {
                    return hasPassed(new LongPointer(opaque)) ? 1 : 0;
                }
            });

    private final String name;
    private final DecodeLimits limits;
    private final LongPointer nanoTime;

    Deadline(String name, DecodeLimits limits) {
        this.name = name;
        this.limits = limits;
        this.nanoTime = new LongPointer(1);
        restart();
    }

    /** Gives the next call its full time. */
    void restart() {
        nanoTime.put(System.nanoTime() + limits.maxDecodeTime().toNanos());
    }

    /**
     * Returns while there is time left.
     *
     * @throws ClipLimitException after that
     */
    void check() {
        if (hasPassed(nanoTime)) {
            throw limits.decodeTimeExceeded(name);
        }
    }

    /** A callback structure to be copied by FFmpeg; the caller closes it. */
    AVIOInterruptCB interrupt() {
        return new AVIOInterruptCB().callback(PASSED).opaque(nanoTime);
    }

    private static boolean hasPassed(LongPointer nanoTime) {
        return System.nanoTime() - nanoTime.get() > 0;
    }

    @Override
    public void close() {
        nanoTime.close();
    }
}
