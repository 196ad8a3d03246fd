package io.kinora.decoder.pipeline;

import io.kinora.decoder.schedule.SamplerKind;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One piece of sound, and how it is to be made. What is absent is the checkpoint's own default.
 *
 * @param prompt what is to be heard: words, or embeddings {@code [n, E]} of n pieces
 * @param seconds length of the sound, at most {@link #LONGEST_SECONDS}
 * @param steps denoising steps
 * @param guidance how strongly the prompt is followed (classifier-free guidance scale); 1 and less is off
 * @param eta share of fresh noise per step, 0 to 1, where the sampler is DDIM
 * @param seed of all noise; its low 32 bits count, as in the reference pipelines
 * @param sampler instead of the checkpoint's own
 */
public record AudioRequest(
        Prompt prompt,
        OptionalDouble seconds,
        OptionalInt steps,
        OptionalDouble guidance,
        double eta,
        long seed,
        Optional<SamplerKind> sampler) {
    /** Twelve times what the released checkpoints were trained on; beyond it only memory grows. */
    public static final double LONGEST_SECONDS = 120;

    private static final double MOST_GUIDANCE = 100;

    /** Checks every field by itself. */
    public AudioRequest {
        Objects.requireNonNull(prompt);
        Objects.requireNonNull(sampler);
        double length = seconds.orElse(1);
        require(length > 0 && length <= LONGEST_SECONDS, "seconds", length, "above 0 to 120");
        require(steps.orElse(1) >= 1, "steps", steps.orElse(1), "1 or more");
        double scale = guidance.orElse(1);
        require(scale >= 0 && scale <= MOST_GUIDANCE, "guidance", scale, "0 to 100");
        require(eta >= 0 && eta <= 1, "eta", eta, "0 to 1");
        if (prompt instanceof Prompt.Embeddings embeddings) {
            int rank = embeddings.embeddings().rank();
            require(rank == 2, "embeddings", embeddings.embeddings().shape(), "[n, E], a row for each piece of sound");
        }
    }

    private static void require(boolean holds, String field, Object got, String allowed) {
        if (!holds) {
            throw new InvalidRequestException(field, got, allowed);
        }
    }

    /** A request for a sound of that prompt, with defaults for the rest. */
    public static Builder of(Prompt prompt) {
        return new Builder(prompt);
    }

    /** Fills in a request, field by field. Not thread-safe. */
    public static final class Builder {
        private final Prompt prompt;
        private OptionalDouble seconds = OptionalDouble.empty();
        private OptionalInt steps = OptionalInt.empty();
        private OptionalDouble guidance = OptionalDouble.empty();
        private double eta;
        private long seed;
        private Optional<SamplerKind> sampler = Optional.empty();

        private Builder(Prompt prompt) {
            this.prompt = prompt;
        }

        /** Length of the sound. */
        public Builder seconds(double length) {
            seconds = OptionalDouble.of(length);
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

        /**
         * The request, as far as it can be checked without a checkpoint.
         *
         * @throws InvalidRequestException naming the field, its value and what is allowed
         */
        public AudioRequest build() {
            return new AudioRequest(prompt, seconds, steps, guidance, eta, seed, sampler);
        }
    }
}
