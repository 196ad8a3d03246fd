package io.kinora.decoder.pipeline;

import io.kinora.decoder.schedule.SamplerKind;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One job: what is to be seen, and how it is to be made. What is absent is the checkpoint's own default.
 *
 * @param prompt what is to be seen
 * @param frames frames of the clip, or number of stills
 * @param size pixels of a frame; of a job with a source, the source's
 * @param fps frames a second that the clip is to play at; the networks know no time scale, so this does not change the frames
 * @param steps denoising steps
 * @param guidance how strongly the prompt is followed (classifier-free guidance scale); 1 and less is off
 * @param guidanceRescale share by which the guided prediction is brought back to the contrast of the unguided one, 0 to 1
 * @param eta share of fresh noise per step, 0 to 1, where the sampler is DDIM
 * @param seed of all noise; its low 32 bits count, as in the reference pipelines
 * @param sampler instead of the checkpoint's own
 * @param source frames to start from
 * @param format what the frames become
 * @param stepCache whether deep features are reused between neighbouring steps, and how
 * @param framing what a network with size conditioning is told about the picture; absent is what its own pipeline tells it
 */
public record GenerationRequest(
        Prompt prompt,
        OptionalInt frames,
        Optional<FrameSize> size,
        double fps,
        OptionalInt steps,
        OptionalDouble guidance,
        double guidanceRescale,
        double eta,
        long seed,
        Optional<SamplerKind> sampler,
        Optional<SourceClip> source,
        OutputFormat format,
        Optional<StepCache> stepCache,
        Optional<Framing> framing) {
    /** The rate that the published text-to-video models are shown at. */
    public static final double DEFAULT_FPS = 8;

    private static final double MAX_FPS = 240;
    private static final double MAX_GUIDANCE = 100;

    /** Checks every field by itself, and those that go together. */
    public GenerationRequest {
        Objects.requireNonNull(prompt);
        Objects.requireNonNull(format);
        require(frames.orElse(1) >= 1, "frames", frames.orElse(1), "1 or more");
        require(fps > 0 && fps <= MAX_FPS, "fps", fps, "above 0 to 240");
        require(steps.orElse(1) >= 1, "steps", steps.orElse(1), "1 or more");
        double scale = guidance.orElse(1);
        require(scale >= 0 && scale <= MAX_GUIDANCE, "guidance", scale, "0 to 100");
        require(guidanceRescale >= 0 && guidanceRescale <= 1, "guidance rescale", guidanceRescale, "0 to 1");
        require(eta >= 0 && eta <= 1, "eta", eta, "0 to 1");
        source.ifPresent(clip -> {
            FrameSize given = new FrameSize(
                    clip.frames().get(0).width(), clip.frames().get(0).height());
            require(
                    size.map(given::equals).orElse(true),
                    "size",
                    size.map(FrameSize::toString).orElse(""),
                    given + " as the source");
            int count = clip.frames().size();
            require(frames.orElse(count) == count, "frames", frames.orElse(count), count + " as the source");
        });
    }

    private static void require(boolean holds, String field, Object got, String allowed) {
        if (!holds) {
            throw new InvalidRequestException(field, got, allowed);
        }
    }

    /** A request for a clip of that prompt, with defaults for the rest. */
    public static Builder of(Prompt prompt) {
        return new Builder(prompt);
    }

    /** Fills in a request, field by field. Not thread-safe. */
    public static final class Builder {
        private final Prompt prompt;
        private OptionalInt frames = OptionalInt.empty();
        private Optional<FrameSize> size = Optional.empty();
        private double fps = DEFAULT_FPS;
        private OptionalInt steps = OptionalInt.empty();
        private OptionalDouble guidance = OptionalDouble.empty();
        private double guidanceRescale;
        private double eta;
        private long seed;
        private Optional<SamplerKind> sampler = Optional.empty();
        private Optional<SourceClip> source = Optional.empty();
        private OutputFormat format = OutputFormat.MP4;
        private Optional<StepCache> stepCache = Optional.empty();
        private Optional<Framing> framing = Optional.empty();

        private Builder(Prompt prompt) {
            this.prompt = prompt;
        }

        /** Frames of the clip, or number of stills. */
        public Builder frames(int count) {
            frames = OptionalInt.of(count);
            return this;
        }

        /** Pixels of a frame. */
        public Builder size(int width, int height) {
            size = Optional.of(new FrameSize(width, height));
            return this;
        }

        /** Frames a second. */
        public Builder fps(double rate) {
            fps = rate;
            return this;
        }

        /** Denoising steps. */
        public Builder steps(int count) {
            steps = OptionalInt.of(count);
            return this;
        }

        /** Guidance scale. */
        public Builder guidance(double scale) {
            guidance = OptionalDouble.of(scale);
            return this;
        }

        /** Guidance rescale. */
        public Builder guidanceRescale(double share) {
            guidanceRescale = share;
            return this;
        }

        /** Share of fresh noise per DDIM step. */
        public Builder eta(double share) {
            eta = share;
            return this;
        }

        /** Seed of all noise. */
        public Builder seed(long number) {
            seed = number;
            return this;
        }

        /** Sampler instead of the checkpoint's own. */
        public Builder sampler(SamplerKind kind) {
            sampler = Optional.of(kind);
            return this;
        }

        /** Frames to start from. */
        public Builder source(SourceClip clip) {
            source = Optional.of(clip);
            return this;
        }

        /** What the frames become. */
        public Builder format(OutputFormat kind) {
            format = kind;
            return this;
        }

        /** Reuse of deep features between steps. */
        public Builder stepCache(StepCache cache) {
            stepCache = Optional.of(cache);
            return this;
        }

        /** What a network with size conditioning is told about the picture. */
        public Builder framing(Framing told) {
            framing = Optional.of(told);
            return this;
        }

        /**
         * The request, as far as it can be checked without a checkpoint.
         *
         * @throws InvalidRequestException naming the field, its value and what is allowed
         */
        public GenerationRequest build() {
            return new GenerationRequest(
                    prompt,
                    frames,
                    size,
                    fps,
                    steps,
                    guidance,
                    guidanceRescale,
                    eta,
                    seed,
                    sampler,
                    source,
                    format,
                    stepCache,
                    framing);
        }
    }
}
