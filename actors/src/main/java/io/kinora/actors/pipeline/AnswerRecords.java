package io.kinora.actors.pipeline;

import io.kinora.actors.answer.AnswerEvent;
import io.kinora.actors.answer.AnswerRequest;
import io.kinora.actors.shard.TextEnd;
import io.kinora.actors.shard.TokenScore;
import io.kinora.kafka.record.AnswerSettings;
import io.kinora.kafka.record.ChoiceProbability;
import io.kinora.kafka.record.FinishReason;
import io.kinora.kafka.record.TokenAlternative;
import io.kinora.kafka.record.TokenLogprob;
import io.kinora.model.llm.sample.SamplingSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Answers between the actors' words and those of the records. */
public final class AnswerRecords {
    private static final double PROBABILITY_STEPS = 1e4;

    private AnswerRecords() {}

    /** What kind of answer the settings ask for. */
    public static AnswerRequest.Reply reply(AnswerSettings settings) {
        if (!settings.choices().isEmpty()) {
            return new AnswerRequest.OneOf(settings.choices());
        }
        if (settings.beams() > 1) {
            return new AnswerRequest.Searched(
                    settings.beams(),
                    settings.lengthPenalty(),
                    settings.repetitionPenalty(),
                    settings.maxNewTokens(),
                    settings.stop());
        }
        SamplingSettings sampling = new SamplingSettings(
                settings.temperature(),
                settings.topK(),
                settings.topP(),
                settings.minP(),
                settings.repetitionPenalty(),
                settings.seed());
        return new AnswerRequest.Free(sampling, settings.maxNewTokens(), settings.stop(), settings.topLogprobs());
    }

    static FinishReason finish(TextEnd end) {
        return switch (end) {
            case STOP -> FinishReason.STOP;
            case LENGTH -> FinishReason.LENGTH;
            case CANCELLED -> FinishReason.CANCELLED;
        };
    }

    /**
     * The probabilities of the choices, where there were any, to four decimals: those behind depend on what shared a step of the model with the question, and
     * an answer that is computed again is to be the same.
     */
    public static Optional<List<ChoiceProbability>> choices(AnswerSettings settings, AnswerEvent.Answered answered) {
        return settings.choices().isEmpty()
                ? Optional.empty()
                : Optional.of(IntStream.range(0, settings.choices().size())
                        .mapToObj(i -> new ChoiceProbability(
                                settings.choices().get(i),
                                Math.round(answered.choices().get(i) * PROBABILITY_STEPS) / PROBABILITY_STEPS))
                        .toList());
    }

    /** Collects the probabilities of an answer's tokens. Not thread-safe. */
    public static final class Scores {
        private final List<TokenLogprob> collected = new ArrayList<>();

        /** Nothing yet. */
        public Scores() {}

        /** Takes the probabilities of a piece; other events have none. */
        public void accept(AnswerEvent event) {
            if (event instanceof AnswerEvent.Piece piece) {
                piece.score().map(Scores::logprob).ifPresent(collected::add);
            }
        }

        private static TokenLogprob logprob(TokenScore score) {
            return new TokenLogprob(
                    score.chosen().text(),
                    score.chosen().bytes(),
                    score.chosen().logprob(),
                    score.best().stream()
                            .map(best -> new TokenAlternative(best.text(), best.bytes(), best.logprob()))
                            .toList());
        }

        /** What was collected; empty if no probabilities came. */
        public Optional<List<TokenLogprob>> all() {
            return collected.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(collected));
        }

        /** What was collected since the last call. */
        Optional<List<TokenLogprob>> taken() {
            Optional<List<TokenLogprob>> taken = all();
            collected.clear();
            return taken;
        }
    }
}
