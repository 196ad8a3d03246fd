package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.time.Instant;
import java.util.Optional;

/**
 * A clip to be made by a {@link DecoderHost}.
 *
 * @param id chosen by the caller, unique among the jobs that wait or run
 * @param subject what is to be seen
 * @param source frames to start from instead of pure noise
 * @param settings how it is to be made
 * @param priority higher is served first
 * @param deadline when the clip is no longer wanted
 */
public record RenderJob(
        String id,
        Subject subject,
        Optional<Source> source,
        RenderSettings settings,
        int priority,
        Optional<Instant> deadline)
        implements KryoMessage {

    /** What is to be seen. */
    public sealed interface Subject extends KryoMessage {}

    /** In words, for a checkpoint with a text encoder. */
    public record Words(String prompt, Optional<String> negative) implements Subject {}

    /**
     * As visual embeddings of one picture, owned by the decoder once it has the job.
     *
     * @param embeddings {@code [n, visual width]}
     * @param negative {@code [m, visual width]}: what guidance moves away from
     */
    public record Visual(Tensor embeddings, Optional<Tensor> negative) implements Subject {}

    /**
     * As visual embeddings of the frames of a clip, owned by the decoder once it has the job. A decoder of clips takes them for key frames; one of
     * pictures makes a picture of each.
     *
     * @param embeddings {@code [frames, n, visual width]}
     * @param negative {@code [m, visual width]}: what guidance moves away from
     */
    public record Watched(Tensor embeddings, Optional<Tensor> negative) implements Subject {}

    /**
     * Frames to start from, owned by the decoder once it has the job.
     *
     * @param frames {@link io.kinora.tensor.DType#U8} {@code [frames, height, width, 3]}
     * @param strength share of the denoising steps that are run on them, above 0 to 1
     */
    public record Source(Tensor frames, double strength) implements KryoMessage {}

    /** The same under another id, its tensors copied: both have to be given away or closed. */
    RenderJob copiedAs(String otherId) {
        Subject copied = subject;
        if (subject instanceof Visual visual) {
            copied = new Visual(copyOf(visual.embeddings()), visual.negative().map(RenderJob::copyOf));
        } else if (subject instanceof Watched watched) {
            copied =
                    new Watched(copyOf(watched.embeddings()), watched.negative().map(RenderJob::copyOf));
        }
        Optional<Source> frames = source.map(given -> new Source(copyOf(given.frames()), given.strength()));
        return new RenderJob(otherId, copied, frames, settings, priority, deadline);
    }

    private static Tensor copyOf(Tensor given) {
        try (Scope scope = given.engine().scope()) {
            return scope.detach(
                    given.engine().zeros(given.dtype(), given.shape().toArray()).copyFrom(given));
        }
    }

    void close() {
        if (subject instanceof Visual visual) {
            visual.embeddings().close();
            visual.negative().ifPresent(Tensor::close);
        } else if (subject instanceof Watched watched) {
            watched.embeddings().close();
            watched.negative().ifPresent(Tensor::close);
        }
        source.ifPresent(given -> given.frames().close());
    }
}
