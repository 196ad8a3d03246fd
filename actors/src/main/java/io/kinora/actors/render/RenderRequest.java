package io.kinora.actors.render;

import io.kinora.actors.shard.RenderJob;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.actors.trace.RequestTrace;
import io.kinora.tensor.Tensor;
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
 * @param material a clip, picture or embeddings that the result is made from
 * @param strength share of the denoising steps that are run on the material, above 0 to 1; absent: the material is only looked at, where the checkpoint can
 *     see, or {@link #DEFAULT_STRENGTH}
 * @param settings how it is to be made
 * @param priority higher is served first
 * @param deadline when the clip is no longer wanted
 * @param trace that the clip belongs to
 */
public record RenderRequest(
        String id,
        Optional<String> prompt,
        Optional<String> negative,
        Optional<Material> material,
        Optional<Double> strength,
        RenderSettings settings,
        int priority,
        Optional<Instant> deadline,
        RequestTrace trace) {
    /** What the official pipelines use where a source is given and no strength. */
    public static final double DEFAULT_STRENGTH = 0.6;

    /** Checks that it says what is to be seen. */
    public RenderRequest {
        if (prompt.isEmpty() && material.isEmpty()) {
            throw new IllegalArgumentException("neither a prompt nor a clip or picture to make it from is given");
        }
        boolean embedded = material.orElse(null) instanceof Embedded;
        if (embedded && (prompt.isPresent() || negative.isPresent())) {
            throw new IllegalArgumentException("embeddings say all that is to be seen: words beside them are not read");
        }
        if (strength.isPresent() && (material.isEmpty() || embedded)) {
            throw new IllegalArgumentException(
                    "strength is %s, but there is no clip or picture to start from".formatted(strength.get()));
        }
        strength.filter(share -> !(share > 0 && share <= 1)).ifPresent(share -> {
            throw new IllegalArgumentException("strength is %s, allowed is above 0 to 1".formatted(share));
        });
    }

    /** A job that nobody traces. */
    public RenderRequest(
            String id,
            Optional<String> prompt,
            Optional<String> negative,
            Optional<Material> material,
            Optional<Double> strength,
            RenderSettings settings,
            int priority,
            Optional<Instant> deadline) {
        this(id, prompt, negative, material, strength, settings, priority, deadline, RequestTrace.NONE);
    }

    /** What something is made from, beside words or instead of them. */
    public sealed interface Material {}

    /** A clip or a picture. */
    public sealed interface Medium extends Material {
        /** Where its bytes are. */
        VideoSource source();

        /** SHA-256 of its bytes: what is known of it is kept under it. */
        String sha256();

        /** Ceilings of decoding. */
        DecodeLimits limits();
    }

    /** A clip, of which frames are taken evenly. */
    public record Clip(VideoSource source, String sha256, DecodeLimits limits) implements Medium {}

    /** A still picture: PNG, JPEG or WebP. */
    public record Still(VideoSource source, String sha256, DecodeLimits limits) implements Medium {}

    /**
     * Visual embeddings, as an encoder or a language model made them; owned by whoever renders from then on. They say all that is to be seen.
     *
     * @param embeddings {@code [n, visual width]} of one picture, or {@code [frames, n, visual width]} of the frames of a clip
     * @param negative {@code [m, visual width]}: what guidance moves away from
     */
    public record Embedded(Tensor embeddings, Optional<Tensor> negative) implements Material {
        /** Checks the axes. */
        public Embedded {
            int rank = embeddings.rank();
            if (rank != 2 && rank != 3) {
                throw new IllegalArgumentException(
                        "embeddings are %s, expected [n, width] or [frames, n, width]".formatted(embeddings.shape()));
            }
        }

        /** Frees them where nobody is going to. */
        void close() {
            embeddings.close();
            negative.ifPresent(Tensor::close);
        }

        RenderJob.Subject subject() {
            return embeddings.rank() == 2
                    ? new RenderJob.Visual(embeddings, negative)
                    : new RenderJob.Watched(embeddings, negative);
        }
    }

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
