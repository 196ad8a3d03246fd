package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonValue;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A question about one clip.
 *
 * @param id names the question for good; the answer carries it
 * @param text what is asked, 1 to {@value #MAX_TEXT_LENGTH} characters, not blank
 * @param clip which clip is asked about
 * @param frames how many frames the model sees: 8, 12 or 16
 * @param maxNewTokens ceiling of the answer's length in tokens, 1 to {@value #MAX_NEW_TOKENS}
 * @param temperature of the sampling, 0 (greedy) to 2
 * @param seed of the sampling, not negative
 */
public record Question(
        String id, String text, ClipTarget clip, int frames, int maxNewTokens, double temperature, long seed) {
    public static final int MAX_TEXT_LENGTH = 16_384;
    public static final int MAX_NEW_TOKENS = 4_096;
    public static final int DEFAULT_FRAMES = 8;
    public static final int DEFAULT_MAX_NEW_TOKENS = 128;
    public static final double DEFAULT_TEMPERATURE = 0.0;
    public static final double MAX_TEMPERATURE = 2.0;
    public static final List<Integer> ALLOWED_FRAMES = List.of(8, 12, 16);

    public Question {
        Checks.id("id", id);
        Checks.text("text", text, MAX_TEXT_LENGTH);
        Objects.requireNonNull(clip);
        if (!ALLOWED_FRAMES.contains(frames)) {
            throw new IllegalArgumentException("frames is %d, allowed are 8, 12 and 16".formatted(frames));
        }
        Checks.range("maxNewTokens", maxNewTokens, 1, MAX_NEW_TOKENS);
        Checks.range("temperature", temperature, 0, MAX_TEMPERATURE);
        Checks.notNegative("seed", seed);
    }

    /** A question with every setting at its default; its seed follows from its id. */
    public static Question of(String id, String text, ClipTarget clip) {
        return new Question(
                id, text, clip, DEFAULT_FRAMES, DEFAULT_MAX_NEW_TOKENS, DEFAULT_TEMPERATURE, Sha256.seedOf(id));
    }

    public Question withFrames(int frames) {
        return new Question(id, text, clip, frames, maxNewTokens, temperature, seed);
    }

    public Question withMaxNewTokens(int maxNewTokens) {
        return new Question(id, text, clip, frames, maxNewTokens, temperature, seed);
    }

    public Question withTemperature(double temperature) {
        return new Question(id, text, clip, frames, maxNewTokens, temperature, seed);
    }

    public Question withSeed(long seed) {
        return new Question(id, text, clip, frames, maxNewTokens, temperature, seed);
    }

    /**
     * The JSON body, field by field; what is absent takes its default. {@code clip} (a reference or a clip id) and
     * {@code stream} exclude each other; with neither, the record's key says which clip is meant.
     */
    public record Body(
            Optional<String> id,
            String text,
            Optional<String> clip,
            Optional<String> stream,
            Optional<Integer> frames,
            Optional<Integer> maxNewTokens,
            Optional<Double> temperature,
            Optional<Long> seed) {

        /** A body that is only a text, as a console producer sends it. */
        public static Body ofText(String text) {
            return new Body(
                    Optional.empty(),
                    text,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }

        /**
         * The question this body asks.
         *
         * @param defaultId the id when the body has none
         * @param key the record's key
         * @throws MalformedRecordException when a value is missing or not allowed
         */
        public Question resolve(String defaultId, Optional<String> key) {
            try {
                String questionId = id.orElse(defaultId);
                return new Question(
                        questionId,
                        required(text),
                        target(key),
                        frames.orElse(DEFAULT_FRAMES),
                        maxNewTokens.orElse(DEFAULT_MAX_NEW_TOKENS),
                        temperature.orElse(DEFAULT_TEMPERATURE),
                        seed.orElseGet(() -> Sha256.seedOf(questionId)));
            } catch (IllegalArgumentException e) {
                throw new MalformedRecordException(Code.VALUE, "question: " + e.getMessage(), e);
            }
        }

        private static String required(String text) {
            if (text == null) {
                throw new IllegalArgumentException("text is missing");
            }
            return text;
        }

        private ClipTarget target(Optional<String> key) {
            if (clip.isPresent() && stream.isPresent()) {
                throw new IllegalArgumentException("clip and stream are both given, allowed is one of them");
            }
            if (clip.isPresent()) {
                return ClipReference.parseIfReference(clip.get())
                        .<ClipTarget>map(ClipTarget.At::new)
                        .orElseGet(() -> new ClipTarget.WithId(clip.get()));
            }
            return stream.<ClipTarget>map(ClipTarget.LatestOf::new)
                    .or(() -> key.map(ClipTarget.Named::new))
                    .orElseThrow(() -> new IllegalArgumentException(
                            "no clip is named: give clip or stream, or a key that is a clip id or a stream id"));
        }
    }

    /** The body that {@link Body#resolve} turns back into this question, given a key for a {@link ClipTarget.Named}. */
    @JsonValue
    public Body toBody() {
        return new Body(
                Optional.of(id),
                text,
                clipField(),
                clip instanceof ClipTarget.LatestOf latest ? Optional.of(latest.stream()) : Optional.empty(),
                Optional.of(frames),
                Optional.of(maxNewTokens),
                Optional.of(temperature),
                Optional.of(seed));
    }

    private Optional<String> clipField() {
        if (clip instanceof ClipTarget.At at) {
            return Optional.of(at.reference().toString());
        }
        return clip instanceof ClipTarget.WithId withId ? Optional.of(withId.clipId()) : Optional.empty();
    }
}
