package io.kinora.actors.adapter;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.video.FrameResizer;
import io.kinora.video.FrameSize;
import io.kinora.video.RgbFrame;
import java.nio.ByteBuffer;
import java.util.List;

/** Frames of {@code video-io} as the pixels that an encoder takes. */
public final class FramePixels {
    private FramePixels() {}

    /** A frame in the size of Emu2's encoder, resized as its preprocessing does: to a square, bicubic as PIL has it. */
    public static RgbFrame resized(RgbFrame frame, int size) {
        return FrameResizer.likePil(frame, new FrameSize(size, size), FrameResizer.Filter.BICUBIC);
    }

    /**
     * Packed frames of one size as {@link DType#U8} {@code [n, height, width, 3]}; owned by the caller where no scope is open.
     *
     * @throws IllegalArgumentException if there are none, or they differ in size
     */
    public static Tensor of(List<RgbFrame> frames, Engine engine) {
        RgbFrame first = frames.get(0);
        int frameBytes = first.width() * first.height() * 3;
        ByteBuffer packed = ByteBuffer.allocate(Math.multiplyExact(frames.size(), frameBytes));
        for (RgbFrame frame : frames) {
            if (frame.width() != first.width() || frame.height() != first.height()) {
                throw new IllegalArgumentException("frames differ in size: %dx%d and %dx%d"
                        .formatted(first.width(), first.height(), frame.width(), frame.height()));
            }
            packed.put(frame.pixels());
        }
        return engine.copyOf(packed.flip(), DType.U8, Shape.of(frames.size(), first.height(), first.width(), 3));
    }
}
