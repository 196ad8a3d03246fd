package io.kinora.kafka.record;

import com.fasterxml.jackson.annotation.JsonValue;
import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A question about one clip.
 *
 * @param id names the question for good; the answer carries it
 * @param text what is asked, 1 to {@value #MAX_TEXT_LENGTH} characters, not blank
 * @param clip which clip is asked about
 * @param frames how many frames the model sees: 8, 12 or 16
 * @param settings how the answer is written
 * @param priority higher is served first, -{@value #MAX_PRIORITY} to {@value #MAX_PRIORITY}
 * @param deadline when the answer is no longer wanted
 * @param subscription the standing question that this one repeats for an older clip; absent for a question of its own
 * @param session the conversation that it goes on with; absent for a question that stands alone
 */
public record Question(
        String id,
        String text,
        ClipTarget clip,
        int frames,
        AnswerSettings settings,
        int priority,
        Optional<Instant> deadline,
        Optional<AnsweredSubscription> subscription,
        Optional<String> session) {
    public static final int MAX_TEXT_LENGTH = 16_384;
    public static final int DEFAULT_FRAMES = 8;
    public static final int MAX_PRIORITY = 100;
    public static final List<Integer> ALLOWED_FRAMES = List.of(8, 12, 16);

    public Question {
        Checks.id("id", id);
        Checks.text("text", text, MAX_TEXT_LENGTH);
        Objects.requireNonNull(clip);
        if (!ALLOWED_FRAMES.contains(frames)) {
            throw new IllegalArgumentException("frames is %d, allowed are 8, 12 and 16".formatted(frames));
        }
        Objects.requireNonNull(settings);
        Checks.range("priority", priority, -MAX_PRIORITY, MAX_PRIORITY);
        Objects.requireNonNull(deadline);
        session.ifPresent(name -> Checks.id("session", name));
        if (session.isPresent() && subscription.isPresent()) {
            throw new IllegalArgumentException("session and subscription are both given, allowed is one of them");
        }
    }

    /** A question with every setting at its default; its seed follows from its id. */
    public static Question of(String id, String text, ClipTarget clip) {
        return new Question(
                id,
                text,
                clip,
                DEFAULT_FRAMES,
                AnswerSettings.of(Sha256.seedOf(id)),
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public Question withFrames(int frames) {
        return new Question(id, text, clip, frames, settings, priority, deadline, subscription, session);
    }

    public Question withSettings(AnswerSettings settings) {
        return new Question(id, text, clip, frames, settings, priority, deadline, subscription, session);
    }

    /** With another deadline. */
    public Question withDeadline(Optional<Instant> deadline) {
        return new Question(id, text, clip, frames, settings, priority, deadline, subscription, session);
    }

    /** With another priority. */
    public Question withPriority(int priority) {
        return new Question(id, text, clip, frames, settings, priority, deadline, subscription, session);
    }

    /** As a part of a conversation. */
    public Question inSession(String session) {
        return new Question(id, text, clip, frames, settings, priority, deadline, subscription, Optional.of(session));
    }

    /** Said to repeat a standing question. */
    Question repeating(AnsweredSubscription standing) {
        return new Question(id, text, clip, frames, settings, priority, deadline, Optional.of(standing), session);
    }

    /** What of a question decides about its answer, besides the clip and the weights, as texts in a fixed order. */
    List<String> determining() {
        return Stream.of(
                        Stream.of(id, text, Integer.toString(frames)),
                        settings.determining().stream(),
                        session.stream())
                .flatMap(part -> part)
                .toList();
    }

    /**
     * The JSON body, field by field; what is absent takes its default. {@code clip} (a reference or a clip id) and
     * {@code stream} exclude each other; with neither, the record's key says which clip is meant, or, in a session that has begun, it is about what
     * that is about.
     */
    public record Body(
            Optional<String> id,
            String text,
            Optional<String> clip,
            Optional<String> stream,
            Optional<Integer> frames,
            Optional<Integer> maxNewTokens,
            Optional<Double> temperature,
            Optional<Integer> topK,
            Optional<Double> topP,
            Optional<Double> minP,
            Optional<Double> repetitionPenalty,
            Optional<Long> seed,
            Optional<List<String>> stop,
            Optional<Integer> beams,
            Optional<Double> lengthPenalty,
            Optional<Integer> topLogprobs,
            Optional<List<String>> choices,
            Optional<Integer> priority,
            Optional<Instant> deadline,
            Optional<AnsweredSubscription> subscription,
            Optional<String> session) {

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
                    Optional.empty());
        }

        /** The same in a conversation, unless it names one itself. */
        public Body inSession(Optional<String> name) {
            return new Body(
                    id,
                    text,
                    clip,
                    stream,
                    frames,
                    maxNewTokens,
                    temperature,
                    topK,
                    topP,
                    minP,
                    repetitionPenalty,
                    seed,
                    stop,
                    beams,
                    lengthPenalty,
                    topLogprobs,
                    choices,
                    priority,
                    deadline,
                    subscription,
                    session.or(() -> name));
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
                session.ifPresent(name -> Checks.id("session", name));
                return new Question(
                        questionId,
                        required(text),
                        target(key),
                        frames.orElse(DEFAULT_FRAMES),
                        settings(Sha256.seedOf(questionId)),
                        priority.orElse(0),
                        deadline,
                        subscription,
                        session);
            } catch (IllegalArgumentException e) {
                throw new MalformedRecordException(Code.VALUE, "question: " + e.getMessage(), e);
            }
        }

        private AnswerSettings settings(long defaultSeed) {
            AnswerSettings defaults = AnswerSettings.of(defaultSeed);
            return new AnswerSettings(
                    maxNewTokens.orElse(defaults.maxNewTokens()),
                    temperature.orElse(defaults.temperature()),
                    topK.orElse(defaults.topK()),
                    topP.orElse(defaults.topP()),
                    minP.orElse(defaults.minP()),
                    repetitionPenalty.orElse(defaults.repetitionPenalty()),
                    seed.orElse(defaultSeed),
                    stop.orElse(List.of()),
                    beams.orElse(defaults.beams()),
                    lengthPenalty,
                    topLogprobs,
                    choices.orElse(List.of()));
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
                    .or(() -> session.map(ClipTarget.Named::new))
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
                Optional.of(settings.maxNewTokens()),
                Optional.of(settings.temperature()),
                Optional.of(settings.topK()),
                Optional.of(settings.topP()),
                Optional.of(settings.minP()),
                Optional.of(settings.repetitionPenalty()),
                Optional.of(settings.seed()),
                given(settings.stop()),
                Optional.of(settings.beams()),
                settings.lengthPenalty(),
                settings.topLogprobs(),
                given(settings.choices()),
                Optional.of(priority),
                deadline,
                subscription,
                session);
    }

    private static Optional<List<String>> given(List<String> texts) {
        return texts.isEmpty() ? Optional.empty() : Optional.of(texts);
    }

    private Optional<String> clipField() {
        if (clip instanceof ClipTarget.At at) {
            return Optional.of(at.reference().toString());
        }
        return clip instanceof ClipTarget.WithId withId ? Optional.of(withId.clipId()) : Optional.empty();
    }
}
