package io.kinora.kafka.record;

import java.util.Objects;
import java.util.Optional;

/**
 * How a generated clip came to be: everything that makes the same clip again.
 *
 * @param jobId the job, and the record's key
 * @param prompt what was asked for; empty where a clip was all that was given
 * @param negativePrompt what was to be avoided; may be empty
 * @param source the clip that it was made from
 * @param model which weights generated it
 * @param seed of the noise
 * @param steps denoising steps
 * @param guidance guidance scale
 * @param sampler its name
 * @param frames in the clip
 * @param width in pixels
 * @param height in pixels
 * @param fps frames a second
 */
public record VideoProvenance(
        String jobId,
        String prompt,
        String negativePrompt,
        Optional<ClipReference> source,
        ModelIdentity model,
        long seed,
        int steps,
        double guidance,
        String sampler,
        int frames,
        int width,
        int height,
        int fps) {
    public VideoProvenance {
        Checks.id("jobId", jobId);
        Objects.requireNonNull(prompt);
        Objects.requireNonNull(source);
        Objects.requireNonNull(negativePrompt);
        Objects.requireNonNull(model);
        Checks.notNegative("seed", seed);
        Checks.range("steps", steps, 1, Integer.MAX_VALUE);
        Checks.range("guidance", guidance, 0, Double.MAX_VALUE);
        Checks.id("sampler", sampler);
        Checks.range("frames", frames, 1, Integer.MAX_VALUE);
        Checks.range("width", width, 1, Integer.MAX_VALUE);
        Checks.range("height", height, 1, Integer.MAX_VALUE);
        Checks.range("fps", fps, 1, Integer.MAX_VALUE);
    }
}
