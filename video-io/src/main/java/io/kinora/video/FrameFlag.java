package io.kinora.video;

import org.bytedeco.ffmpeg.avutil.AVFrame;

/** Flags of a decoded picture that the bindings leave out (libavutil/frame.h, AV_FRAME_FLAG_…). */
enum FrameFlag {
    CORRUPT(1),
    INTERLACED(1 << 3);

    private final int bit;

    FrameFlag(int bit) {
        this.bit = bit;
    }

    boolean in(AVFrame frame) {
        return (frame.flags() & bit) != 0;
    }
}
