package io.kinora.decoder.pipeline;

import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;

/** The six sizes that SDXL and its kin are told: original height and width, top and left of the crop, target height and width. */
final class TimeIds {
    private TimeIds() {}

    /** {@code [samples, 6]} of a job, whose request may say otherwise than the pipeline does. */
    static Tensor of(Engine engine, Job job, Framing usual, long samples) {
        Framing told = job.request().framing().orElse(usual);
        float[] ids = {
            told.originalHeight(),
            told.originalWidth(),
            told.top(),
            told.left(),
            job.size().height(),
            job.size().width()
        };
        return engine.of(ids, 1, ids.length).expand(samples, ids.length).contiguous();
    }
}
