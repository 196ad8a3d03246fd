package io.kinora.actors.render;

import io.kinora.actors.shard.RenderJob;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoSource;
import java.time.Instant;
import java.util.Optional;

/**
 * A clip, or pictures, to be made from words, from a clip or picture, or from both.
 *
 * @param id chosen by the asker, unique among the jobs in progress
 * @param prompt what is to be seen, in words; absent where the material says it all
 * @param negative what is not to be seen; only for checkpoints with a text encoder
 * @param material a clip or picture that the result is made from
 * @param strength share of the denoising steps that are run on the material, above 0 to 1; absent: the material is only looked at, where the checkpoint can
 *     see, or {@link #DEFAULT_STRENGTH}
 * @param settings how it is to be made
 * @param priority higher is served first
 * @param deadline when the clip is no longer wanted
 */
public record RenderRequest(
        String id,
        Optional<String> prompt,
        Optional<String> negative,
        Optional<Material> material,
        Optional<Double> strength,
        RenderSettings settings,
        int priority,
        Optional<Instant> deadline) {
    /** What the official pipelines use where a source is given and no strength. */
    public static final double DEFAULT_STRENGTH = 0.6;

    /** Checks that it says what is to be seen. */
    public RenderRequest {
        if (prompt.isEmpty() && material.isEmpty()) {
            throw new IllegalArgumentException("neither a prompt nor a clip or picture to make it from is given");
        }
        if (strength.isPresent() && material.isEmpty()) {
            throw new IllegalArgumentException(
                    "strength is %s, but there is no clip or picture to start from".formatted(strength.get()));
        }
        strength.filter(share -> !(share > 0 && share <= 1)).ifPresent(share -> {
            throw new IllegalArgumentException("strength is %s, allowed is above 0 to 1".formatted(share));
        });
    }

    /** A clip or a picture that something is made from. */
    public sealed interface Material {
        /** Where its bytes are. */
        VideoSource source();

        /** SHA-256 of its bytes: what is known of it is kept under it. */
        String sha256();

        /** Ceilings of decoding. */
        DecodeLimits limits();
    }

    /** A clip, of which frames are taken evenly. */
    public record Clip(VideoSource source, String sha256, DecodeLimits limits) implements Material {}

    /** A still picture: PNG, JPEG or WebP. */
    public record Still(VideoSource source, String sha256, DecodeLimits limits) implements Material {}

    /** A request for what words say. */
    public static RenderRequest words(String id, String prompt, RenderSettings settings) {
        return new RenderRequest(
                id,
                Optional.of(prompt),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                settings,
                0,
                Optional.empty());
    }

    /** The decoder's job for it. */
    RenderJob job(RenderJob.Subject subject, Optional<RenderJob.Source> source) {
        return new RenderJob(id, subject, source, settings, priority, deadline);
    }
}
