package io.kinora.actors.render;

import io.kinora.actors.shard.RenderJob;
import java.time.Instant;
import java.util.Optional;

/**
 * A clip to be made from words. What is absent is the checkpoint's own default.
 *
 * @param id chosen by the asker, unique among the jobs in progress
 * @param prompt what is to be seen
 * @param negative what is not to be seen; only for checkpoints with a text encoder
 * @param frames frames of the clip
 * @param size pixels of a frame
 * @param fps frames a second
 * @param steps denoising steps
 * @param guidance guidance scale
 * @param seed of all noise
 * @param sampler instead of the checkpoint's own
 * @param format container of the result
 * @param priority higher is served first
 * @param deadline when the clip is no longer wanted
 */
public record RenderRequest(
        String id,
        String prompt,
        Optional<String> negative,
        Optional<Integer> frames,
        Optional<RenderJob.Size> size,
        int fps,
        Optional<Integer> steps,
        Optional<Double> guidance,
        long seed,
        Optional<String> sampler,
        RenderJob.Format format,
        int priority,
        Optional<Instant> deadline) {

    /** The decoder's job for it. */
    RenderJob job(RenderJob.Subject subject) {
        return new RenderJob(
                id, subject, frames, size, fps, steps, guidance, seed, sampler, format, priority, deadline);
    }
}
