package io.kinora.decoder.pipeline;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;

/** The six sizes that SDXL and its kin are told: original height and width, top and left of the crop, target height and width. */
final class TimeIds {
    private TimeIds() {}

    /** {@code [samples, 6]}: an uncropped original, and the size asked for. */
    static Tensor of(Engine engine, FrameSize size, int originalHeight, int originalWidth, long samples) {
        float[] ids = {originalHeight, originalWidth, 0, 0, size.height(), size.width()};
        return engine.of(ids, 1, ids.length).expand(samples, ids.length).contiguous();
    }
}
