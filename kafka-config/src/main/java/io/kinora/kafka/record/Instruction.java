package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.kinora.kafka.MalformedRecordException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * An instruction with media, to be answered in whatever modality it asks for.
 *
 * @param id names the request for good; the response and everything that is made carry it
 * @param text what is wanted, 1 to {@value #MAX_TEXT_LENGTH} characters, not blank; names of tokens and paths in it are only text
 * @param media at most {@value #MOST_MEDIA}, in the order in which the model sees them
 * @param answer the modalities that the answer is held to; empty leaves the choice to the model
 * @param constrained whether the answer is held to a well-formed meta-response; follows from {@code answer}
 * @param maxNewTokens most tokens of the meta-response
 * @param seed of what is made; the n-th thing of an answer has this seed plus n
 * @param strength how far a picture or clip that is given may be left behind where one of its kind is asked for, above 0 to 1; empty makes
 *     everything anew
 * @param priority higher is served first
 * @param deadline when the response is no longer wanted
 */
public record Instruction(
        String id,
        String text,
        List<Medium> media,
        List<AnswerModality> answer,
        boolean constrained,
        int maxNewTokens,
        long seed,
        OptionalDouble strength,
        int priority,
        Optional<Instant> deadline) {
    public static final int MAX_TEXT_LENGTH = 16_384;
    public static final int MOST_MEDIA = 32;
    /** What the released code allows. */
    public static final int DEFAULT_NEW_TOKENS = 246;
    /** Every JSON reader keeps it exact. */
    public static final long LARGEST_SEED = (1L << 53) - 1;

    private static final int MOST_NEW_TOKENS = 4_096;

    public Instruction {
        Checks.id("id", id);
        Checks.text("text", text, MAX_TEXT_LENGTH);
        media = List.copyOf(media);
        answer = List.copyOf(answer);
        if (media.size() > MOST_MEDIA) {
            throw new IllegalArgumentException(
                    "media has %d items, allowed are at most %d".formatted(media.size(), MOST_MEDIA));
        }
        if (answer.stream().distinct().count() < answer.size()) {
            throw new IllegalArgumentException("answer names a modality twice: %s".formatted(answer));
        }
        if (!answer.isEmpty() && !constrained) {
            throw new IllegalArgumentException(
                    "answer is %s, but constrained is false: they go together".formatted(answer));
        }
        Checks.range("maxNewTokens", maxNewTokens, 1, MOST_NEW_TOKENS);
        Checks.range("seed", seed, 0, LARGEST_SEED);
        strength.ifPresent(share -> Checks.positive("strength", share, 1));
        Checks.range("priority", priority, -Question.MAX_PRIORITY, Question.MAX_PRIORITY);
        Objects.requireNonNull(deadline);
    }

    /** An instruction with everything at its default; its seed follows from its id. */
    public static Instruction of(String id, String text) {
        return Body.ofText(text).resolve(id);
    }

    /** What kind of medium is given. */
    public enum MediumType {
        @JsonProperty("image")
        IMAGE,
        /** Of which only the pictures count. */
        @JsonProperty("video")
        VIDEO,
        /** A sound, or a clip, of which only its sound track counts. */
        @JsonProperty("audio")
        AUDIO
    }

    /** A medium: what it is, and where. */
    public record Medium(MediumType type, MediumPlace place) {
        public Medium {
            Objects.requireNonNull(type);
            Objects.requireNonNull(place);
        }
    }

    /** Where a medium's bytes are. */
    public sealed interface MediumPlace {}

    /** On a topic. */
    public record OnTopic(ClipTarget clip) implements MediumPlace {}

    /** In the instruction itself. */
    public record Enclosed(Blob bytes) implements MediumPlace {}

    /** What of an instruction decides about its response, besides media and weights, as texts in a fixed order. */
    List<String> determining() {
        return List.of(
                id,
                text,
                answer.toString(),
                Boolean.toString(constrained),
                Integer.toString(maxNewTokens),
                Long.toString(seed),
                strength.toString());
    }

    /** The JSON body, field by field; what is absent takes its default. */
    public record Body(
            Optional<String> id,
            String text,
            Optional<List<MediumBody>> media,
            Optional<List<AnswerModality>> answer,
            Optional<Boolean> constrained,
            Optional<Integer> maxNewTokens,
            Optional<Long> seed,
            Optional<Double> strength,
            Optional<Integer> priority,
            Optional<Instant> deadline) {

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
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }

        /** With this deadline where it has none of its own. */
        public Body wantedUntil(Optional<Instant> expiry) {
            return new Body(
                    id,
                    text,
                    media,
                    answer,
                    constrained,
                    maxNewTokens,
                    seed,
                    strength,
                    priority,
                    deadline.or(() -> expiry));
        }

        /**
         * The instruction that this body gives.
         *
         * @param defaultId the id when the body has none
         * @throws MalformedRecordException when a field is missing or has a value that is not allowed
         */
        public Instruction resolve(String defaultId) {
            try {
                if (text == null) {
                    throw new IllegalArgumentException("text is missing");
                }
                String own = id.orElse(defaultId);
                List<AnswerModality> modalities = answer.orElse(List.of());
                return new Instruction(
                        own,
                        text,
                        media.orElse(List.of()).stream()
                                .map(MediumBody::resolve)
                                .toList(),
                        modalities,
                        constrained.orElse(!modalities.isEmpty()),
                        maxNewTokens.orElse(DEFAULT_NEW_TOKENS),
                        seed.orElseGet(() -> Sha256.seedOf(own)),
                        strength.isPresent() ? OptionalDouble.of(strength.get()) : OptionalDouble.empty(),
                        priority.orElse(0),
                        deadline);
            } catch (IllegalArgumentException e) {
                throw new MalformedRecordException(MalformedRecordException.Code.VALUE, e.getMessage(), e);
            }
        }
    }

    /** A medium, field by field: exactly one of {@code clip} (a reference or a clip's id), {@code stream} (its newest clip) and {@code data} (base64). */
    public record MediumBody(MediumType type, Optional<String> clip, Optional<String> stream, Optional<String> data) {
        private Medium resolve() {
            if (type == null) {
                throw new IllegalArgumentException("media.type is missing, allowed are image, video and audio");
            }
            int given = (clip.isPresent() ? 1 : 0) + (stream.isPresent() ? 1 : 0) + (data.isPresent() ? 1 : 0);
            if (given != 1) {
                throw new IllegalArgumentException(
                        "a medium has %d of clip, stream and data, needs exactly one".formatted(given));
            }
            if (data.isPresent()) {
                return new Medium(type, new Enclosed(bytes(data.get())));
            }
            return new Medium(
                    type,
                    new OnTopic(clip.<ClipTarget>map(MediumBody::clip)
                            .orElseGet(() -> new ClipTarget.LatestOf(stream.orElseThrow()))));
        }

        private static ClipTarget clip(String text) {
            return ClipReference.parseIfReference(text)
                    .<ClipTarget>map(ClipTarget.At::new)
                    .orElseGet(() -> new ClipTarget.WithId(text));
        }

        private static Blob bytes(String base64) {
            byte[] bytes;
            try {
                bytes = Base64.getDecoder().decode(base64);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("media.data is no base64: " + e.getMessage(), e);
            }
            if (bytes.length == 0) {
                throw new IllegalArgumentException("media.data is empty");
            }
            return Blob.wrap(bytes);
        }

        private static MediumBody of(Medium medium) {
            if (medium.place() instanceof Enclosed enclosed) {
                String base64 =
                        Base64.getEncoder().encodeToString(enclosed.bytes().bytes());
                return new MediumBody(medium.type(), Optional.empty(), Optional.empty(), Optional.of(base64));
            }
            ClipTarget target = ((OnTopic) medium.place()).clip();
            return new MediumBody(
                    medium.type(),
                    target instanceof ClipTarget.At at
                            ? Optional.of(at.reference().toString())
                            : target instanceof ClipTarget.WithId withId
                                    ? Optional.of(withId.clipId())
                                    : Optional.empty(),
                    target instanceof ClipTarget.LatestOf latest ? Optional.of(latest.stream()) : Optional.empty(),
                    Optional.empty());
        }
    }

    /** The body that {@link Body#resolve} turns back into this instruction. */
    @JsonValue
    public Body toBody() {
        return new Body(
                Optional.of(id),
                text,
                media.isEmpty()
                        ? Optional.empty()
                        : Optional.of(media.stream().map(MediumBody::of).toList()),
                answer.isEmpty() ? Optional.empty() : Optional.of(answer),
                Optional.of(constrained),
                Optional.of(maxNewTokens),
                Optional.of(seed),
                strength.isPresent() ? Optional.of(strength.getAsDouble()) : Optional.empty(),
                Optional.of(priority),
                deadline);
    }
}
