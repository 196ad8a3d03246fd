package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** What is asked of the generating side: a video, or that a job be given up. */
public sealed interface Prompt {

    /** The job's id, and the record's key. */
    String jobId();

    /**
     * Asks for a video. What is empty is chosen by the checkpoint, which knows its native size and schedule.
     *
     * @param text what the video shows, 1 to {@value Generate#MAX_TEXT_LENGTH} characters, not blank
     * @param negativePrompt what it must not show; may be empty
     * @param frames 8 to 24
     * @param width in pixels, 16 to 2048, a multiple of 8
     * @param height in pixels, 16 to 2048, a multiple of 8
     * @param fps frames a second, 1 to 60
     * @param steps denoising steps, 1 to 1000
     * @param guidance guidance scale, 1 (none) to 50
     * @param seed of the noise, not negative
     * @param sampler its name, for example {@code ddim}
     * @param format of the clip
     */
    record Generate(
            String jobId,
            String text,
            String negativePrompt,
            int frames,
            OptionalInt width,
            OptionalInt height,
            int fps,
            OptionalInt steps,
            OptionalDouble guidance,
            long seed,
            Optional<String> sampler,
            VideoFormat format)
            implements Prompt {
        public static final int MAX_TEXT_LENGTH = 16_384;
        public static final int MIN_FRAMES = 8;
        public static final int MAX_FRAMES = 24;
        public static final int DEFAULT_FRAMES = 16;
        public static final int DEFAULT_FPS = 8;
        private static final int MIN_PIXELS = 16;
        private static final int MAX_PIXELS = 2_048;
        private static final int PIXEL_MULTIPLE = 8;
        private static final Pattern SAMPLER = Pattern.compile("[a-z0-9+-]{1,40}");

        public Generate {
            Checks.id("jobId", jobId);
            Checks.text("prompt", text, MAX_TEXT_LENGTH);
            if (negativePrompt.length() > MAX_TEXT_LENGTH) {
                throw new IllegalArgumentException("negativePrompt has %d characters, allowed are at most %d"
                        .formatted(negativePrompt.length(), MAX_TEXT_LENGTH));
            }
            Checks.range("frames", frames, MIN_FRAMES, MAX_FRAMES);
            width.ifPresent(pixels -> checkPixels("width", pixels));
            height.ifPresent(pixels -> checkPixels("height", pixels));
            Checks.range("fps", fps, 1, 60);
            steps.ifPresent(count -> Checks.range("steps", count, 1, 1_000));
            guidance.ifPresent(scale -> Checks.range("guidance", scale, 1, 50));
            Checks.notNegative("seed", seed);
            sampler.ifPresent(Generate::checkSampler);
            Objects.requireNonNull(format);
        }

        /** A request with everything at its default; its seed follows from the job's id. */
        public static Generate of(String jobId, String text) {
            return new Generate(
                    jobId,
                    text,
                    "",
                    DEFAULT_FRAMES,
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    DEFAULT_FPS,
                    OptionalInt.empty(),
                    OptionalDouble.empty(),
                    Sha256.seedOf(jobId),
                    Optional.empty(),
                    VideoFormat.MP4);
        }

        private static void checkPixels(String field, int pixels) {
            Checks.range(field, pixels, MIN_PIXELS, MAX_PIXELS);
            if (pixels % PIXEL_MULTIPLE != 0) {
                throw new IllegalArgumentException(
                        "%s is %d, allowed are multiples of %d".formatted(field, pixels, PIXEL_MULTIPLE));
            }
        }

        private static void checkSampler(String sampler) {
            if (!SAMPLER.matcher(sampler).matches()) {
                throw new IllegalArgumentException(
                        "sampler is \"%s\", allowed are 1 to 40 of a-z 0-9 + -".formatted(sampler));
            }
        }

        /** The body that {@link Body#resolve} turns back into this request. */
        @JsonValue
        public Body toBody() {
            return new Body(
                    Optional.of(Action.GENERATE),
                    Optional.of(jobId),
                    Optional.of(text),
                    negativePrompt.isEmpty() ? Optional.empty() : Optional.of(negativePrompt),
                    Optional.of(frames),
                    boxed(width),
                    boxed(height),
                    Optional.of(fps),
                    boxed(steps),
                    guidance.isPresent() ? Optional.of(guidance.getAsDouble()) : Optional.empty(),
                    Optional.of(seed),
                    sampler,
                    Optional.of(format),
                    Optional.empty());
        }

        private static Optional<Integer> boxed(OptionalInt value) {
            return value.isPresent() ? Optional.of(value.getAsInt()) : Optional.empty();
        }
    }

    /**
     * Gives a job up. A job that has ended stays as it is.
     *
     * @param reason for people; may be empty
     */
    record Cancel(String jobId, String reason) implements Prompt {
        public Cancel {
            Checks.id("jobId", jobId);
            if (reason.length() > 1_024) {
                throw new IllegalArgumentException(
                        "reason has %d characters, allowed are at most 1024".formatted(reason.length()));
            }
        }

        /** The body that {@link Body#resolve} turns back into this request. */
        @JsonValue
        public Body toBody() {
            return new Body(
                    Optional.of(Action.CANCEL),
                    Optional.of(jobId),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    reason.isEmpty() ? Optional.empty() : Optional.of(reason));
        }
    }

    /** What a prompt record wants. */
    enum Action {
        @JsonProperty("generate")
        GENERATE,
        @JsonProperty("cancel")
        CANCEL
    }

    /** The JSON body, field by field; what is absent takes its default. */
    record Body(
            Optional<Action> action,
            Optional<String> jobId,
            Optional<String> prompt,
            Optional<String> negativePrompt,
            Optional<Integer> frames,
            Optional<Integer> width,
            Optional<Integer> height,
            Optional<Integer> fps,
            Optional<Integer> steps,
            Optional<Double> guidance,
            Optional<Long> seed,
            Optional<String> sampler,
            Optional<VideoFormat> format,
            Optional<String> reason) {

        /** A body that is only a text, as a console producer sends it. */
        public static Body ofText(String text) {
            return new Body(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(text),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }

        /**
         * The request this body makes.
         *
         * @param defaultId the job's id when neither body nor key has one
         * @param key the record's key
         * @throws MalformedRecordException when a value is missing or not allowed
         */
        public Prompt resolve(String defaultId, Optional<String> key) {
            try {
                return action.orElse(Action.GENERATE) == Action.CANCEL ? cancel(key) : generate(defaultId, key);
            } catch (IllegalArgumentException e) {
                throw new MalformedRecordException(Code.VALUE, "prompt: " + e.getMessage(), e);
            }
        }

        private Cancel cancel(Optional<String> key) {
            String job = jobId.or(() -> key)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "no job is named to cancel: give jobId, or a key that is the job's id"));
            return new Cancel(job, reason.orElse(""));
        }

        private Generate generate(String defaultId, Optional<String> key) {
            String job = jobId.or(() -> key).orElse(defaultId);
            return new Generate(
                    job,
                    prompt.orElseThrow(() -> new IllegalArgumentException("prompt is missing")),
                    negativePrompt.orElse(""),
                    frames.orElse(Generate.DEFAULT_FRAMES),
                    unboxed(width),
                    unboxed(height),
                    fps.orElse(Generate.DEFAULT_FPS),
                    unboxed(steps),
                    guidance.isPresent() ? OptionalDouble.of(guidance.get()) : OptionalDouble.empty(),
                    seed.orElseGet(() -> Sha256.seedOf(job)),
                    sampler,
                    format.orElse(VideoFormat.MP4));
        }

        private static OptionalInt unboxed(Optional<Integer> value) {
            return value.isPresent() ? OptionalInt.of(value.get()) : OptionalInt.empty();
        }
    }
}
