package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import java.time.Duration;

/**
 * How a clip was made, the checkpoint's defaults filled in.
 *
 * @param frames in the clip, or pictures
 * @param width in pixels
 * @param height in pixels
 * @param steps denoising steps
 * @param guidance guidance scale
 * @param sampler its name, or {@code checkpoint} for the checkpoint's own
 * @param evaluations of the network; some samplers need more than the steps, a source with a strength below 1 fewer
 * @param times of each stage
 */
public record RenderedAs(
        int frames, int width, int height, int steps, double guidance, String sampler, int evaluations, Times times)
        implements KryoMessage {
    /**
     * Time of each stage.
     *
     * @param queued from the job's arrival to its start
     * @param prompt text encoder, or embeddings made ready; with a source, its VAE encoding
     * @param denoising all steps
     * @param decoding latents to pixels
     * @param encoding pixels to files: most of it goes on beside the decoding of later frames
     * @param finishing from the last decoded frame to the finished files
     */
    public record Times(
            Duration queued,
            Duration prompt,
            Duration denoising,
            Duration decoding,
            Duration encoding,
            Duration finishing)
            implements KryoMessage {
        /** These times of a job that has waited so long. */
        public Times afterWaiting(Duration wait) {
            return new Times(wait, prompt, denoising, decoding, encoding, finishing);
        }
    }

    /** The same, after so long a wait. */
    public RenderedAs afterWaiting(Duration wait) {
        return new RenderedAs(frames, width, height, steps, guidance, sampler, evaluations, times.afterWaiting(wait));
    }
}
