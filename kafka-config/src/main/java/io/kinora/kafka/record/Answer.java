package io.kinora.kafka.record;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The final answer to a question about a clip, or the reason why there is none.
 *
 * @param id follows from what determines the answer ({@link #idOf}), so that an answer that is computed again is
 *     recognised
 * @param questionId the question's id
 * @param stream the clip's stream, and the record's key
 * @param text what the model said; empty when there is an error
 * @param subscription which standing question this is about; absent for a question of its own
 * @param session its place in a conversation; absent for a question that stands alone
 * @param behind where the service was behind in the clip's stream and the standing question says what to do then
 * @param choices where only some answers were allowed: their probabilities, in the order in which they were asked for
 * @param logprobs where they were asked for: the answer's tokens with the logarithms of their probabilities
 * @param clip what the model looked at; empty when the clip was never found or read
 * @param model which weights answered
 * @param finishReason why the text ends; {@link FinishReason#ERROR} exactly when {@code error} is present
 * @param tokens counts of the prompt and of the answer
 * @param timings where the time went
 * @param createdAt when the answer was complete
 * @param error why there is no answer
 */
public record Answer(
        String id,
        String questionId,
        String stream,
        String text,
        Optional<AnsweredSubscription> subscription,
        Optional<AnsweredSession> session,
        Optional<AnsweredBehind> behind,
        Optional<List<ChoiceProbability>> choices,
        Optional<List<TokenLogprob>> logprobs,
        Optional<AnsweredClip> clip,
        ModelIdentity model,
        FinishReason finishReason,
        TokenCounts tokens,
        AnswerTimings timings,
        Instant createdAt,
        Optional<WireError> error) {
    private static final int ID_DIGITS = 32;

    public Answer {
        Checks.id("id", id);
        Checks.id("questionId", questionId);
        Checks.id("stream", stream);
        Objects.requireNonNull(text);
        choices = choices.map(List::copyOf);
        logprobs = logprobs.map(List::copyOf);
        Objects.requireNonNull(model);
        Objects.requireNonNull(finishReason);
        Objects.requireNonNull(tokens);
        Objects.requireNonNull(timings);
        Objects.requireNonNull(createdAt);
        if ((finishReason == FinishReason.ERROR) != error.isPresent()) {
            throw new IllegalArgumentException(
                    "finishReason is %s, but error is %s: they go together".formatted(finishReason, error));
        }
        if (error.isEmpty() && clip.isEmpty()) {
            throw new IllegalArgumentException("clip is missing, and there is no error that explains it");
        }
    }

    /** The answer that says why there is none; its id follows from the question and the error's code. */
    public static Answer failed(
            Question question,
            String stream,
            Optional<AnsweredClip> clip,
            ModelIdentity model,
            WireError error,
            AnswerTimings timings,
            Instant at) {
        String clipIdentity = clip.map(AnsweredClip::sha256).orElse(error.code());
        return new Answer(
                idOf(question, clipIdentity, model.revision()),
                question.id(),
                stream,
                "",
                question.subscription(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                clip,
                model,
                FinishReason.ERROR,
                TokenCounts.NONE,
                timings,
                at,
                Optional.of(error));
    }

    /** The same answer, saying what was left out before it because the service was behind. */
    public Answer behind(AnsweredBehind said) {
        return new Answer(
                id,
                questionId,
                stream,
                text,
                subscription,
                session,
                Optional.of(said),
                choices,
                logprobs,
                clip,
                model,
                finishReason,
                tokens,
                timings,
                createdAt,
                error);
    }

    /**
     * The same answer, as a part of a conversation. Its id then follows from the answer before it, too, and so from all that was said.
     *
     * @param before id of the answer before it, where there is one
     */
    public Answer inSession(AnsweredSession said, Optional<String> before) {
        return new Answer(
                Sha256.hexOf(Stream.concat(Stream.of(id), before.stream()).toList())
                        .substring(0, ID_DIGITS),
                questionId,
                stream,
                text,
                subscription,
                Optional.of(said),
                behind,
                choices,
                logprobs,
                clip,
                model,
                finishReason,
                tokens,
                timings,
                createdAt,
                error);
    }

    /** Without the logarithms of probabilities, which are large. */
    public Answer withoutLogprobs() {
        return new Answer(
                id,
                questionId,
                stream,
                text,
                subscription,
                session,
                behind,
                choices,
                Optional.empty(),
                clip,
                model,
                finishReason,
                tokens,
                timings,
                createdAt,
                error);
    }

    /**
     * The id of the answer to this question about this clip by these weights: the same whenever the same is asked
     * again, and another as soon as anything that determines the answer differs.
     *
     * @param clipIdentity the SHA-256 of the clip's bytes
     */
    public static String idOf(Question question, String clipIdentity, String modelRevision) {
        List<String> determining = Stream.concat(
                        question.determining().stream(), Stream.of(clipIdentity, modelRevision))
                .toList();
        return Sha256.hexOf(determining).substring(0, ID_DIGITS);
    }
}
