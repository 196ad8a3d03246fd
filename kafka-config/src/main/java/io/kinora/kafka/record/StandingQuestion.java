package io.kinora.kafka.record;

import io.kinora.kafka.MalformedRecordException;
import java.util.List;
import java.util.Optional;

/**
 * What a subscription asks about every clip: a {@link Question} without id, clip and deadline, which follow from the clip. The fields and their limits are
 * a question's.
 */
public record StandingQuestion(
        String text,
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
        Optional<Integer> priority) {

    /** A free question, or one with choices, and every other setting at its default. */
    public static StandingQuestion of(String text, List<String> choices) {
        return new StandingQuestion(
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
                choices.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(choices)),
                Optional.empty());
    }

    /** What settings say, over the same text. */
    public static StandingQuestion of(String text, int frames, AnswerSettings settings) {
        return new StandingQuestion(
                text,
                Optional.of(frames),
                Optional.of(settings.maxNewTokens()),
                Optional.of(settings.temperature()),
                Optional.of(settings.topK()),
                Optional.of(settings.topP()),
                Optional.of(settings.minP()),
                Optional.of(settings.repetitionPenalty()),
                Optional.of(settings.seed()),
                settings.stop().isEmpty() ? Optional.empty() : Optional.of(settings.stop()),
                Optional.of(settings.beams()),
                settings.lengthPenalty(),
                settings.topLogprobs(),
                settings.choices().isEmpty() ? Optional.empty() : Optional.of(settings.choices()),
                Optional.empty());
    }

    /**
     * The question about a clip.
     *
     * @throws MalformedRecordException when a value is not allowed
     */
    Question about(ClipTarget clip, String id) {
        Question.Body body = new Question.Body(
                Optional.of(id),
                text,
                Optional.empty(),
                Optional.empty(),
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
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        Question resolved = body.resolve(id, Optional.of(id));
        return new Question(
                id,
                resolved.text(),
                clip,
                resolved.frames(),
                resolved.settings(),
                resolved.priority(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
