package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import io.kinora.tensor.Tensor;
import java.time.Instant;
import java.util.Optional;

/**
 * A clip to be made by a {@link DecoderHost}. What is absent is the checkpoint's own default.
 *
 * @param id chosen by the caller, unique among the jobs that wait or run
 * @param subject what is to be seen
 * @param frames frames of the clip
 * @param size pixels of a frame
 * @param fps frames a second
 * @param steps denoising steps
 * @param guidance guidance scale
 * @param seed of all noise
 * @param sampler a sampler instead of the checkpoint's own, by the name that {@code SamplerKind} reads
 * @param format container of the result
 * @param priority higher is served first
 * @param deadline when the clip is no longer wanted
 */
public record RenderJob(
        String id,
        Subject subject,
        Optional<Integer> frames,
        Optional<Size> size,
        int fps,
        Optional<Integer> steps,
        Optional<Double> guidance,
        long seed,
        Optional<String> sampler,
        Format format,
        int priority,
        Optional<Instant> deadline)
        implements KryoMessage {

    /** What is to be seen. */
    public sealed interface Subject extends KryoMessage {}

    /** In words, for a checkpoint with a text encoder. */
    public record Words(String prompt, Optional<String> negative) implements Subject {}

    /**
     * As visual embeddings, owned by the decoder once it has the job.
     *
     * @param embeddings {@code [n, visual width]}
     * @param negative {@code [m, visual width]}: what guidance moves away from
     */
    public record Visual(Tensor embeddings, Optional<Tensor> negative) implements Subject {}

    /** Pixels of a frame. */
    public record Size(int width, int height) implements KryoMessage {}

    /** Containers. */
    public enum Format {
        /** H.264 in MP4. */
        MP4,
        /** VP9 in WebM. */
        WEBM
    }

    void close() {
        if (subject instanceof Visual visual) {
            visual.embeddings().close();
            visual.negative().ifPresent(Tensor::close);
        }
    }
}
