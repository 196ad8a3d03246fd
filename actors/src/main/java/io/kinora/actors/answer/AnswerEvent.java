package io.kinora.actors.answer;

import io.kinora.actors.shard.TextEnd;
import io.kinora.actors.shard.TokenScore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What happens to a question; the last event is {@link Answered} or {@link NotAnswered}. */
public sealed interface AnswerEvent {
    /**
     * A clip or picture has been looked at.
     *
     * @param medium which of the conversation's, from 0
     * @param timestamps the frames that the model looks at, by their times in the clip; empty for a picture
     * @param reused whether it was known already
     */
    record Watched(String id, int medium, List<Duration> timestamps, boolean reused) implements AnswerEvent {
        /** Takes a copy. */
        public Watched {
            timestamps = List.copyOf(timestamps);
        }
    }

    /** A piece of the answer; {@code index} counts tokens from 0, some of which add no text of their own. */
    record Piece(String id, int index, String text, Optional<TokenScore> score) implements AnswerEvent {}

    /**
     * The answer is complete.
     *
     * @param choices the probability of each choice, where there were any, in their order; {@code text} is the most probable one
     * @param timestamps of the frames of all clips, in reading order
     */
    record Answered(
            String id, String text, List<Double> choices, TextEnd end, List<Duration> timestamps, AnswerCost cost)
            implements AnswerEvent {
        /** Takes copies. */
        public Answered {
            choices = List.copyOf(choices);
            timestamps = List.copyOf(timestamps);
        }
    }

    /**
     * There will be no answer.
     *
     * @param code a word that programs branch on: {@code clip.unreadable}, {@code clip.limit}, {@code prompt.too_long}, {@code busy}, {@code late},
     *     {@code request.invalid}, {@code cancelled}, {@code duplicate}, {@code model}, {@code internal}
     * @param retriable whether asking again later may help
     */
    record NotAnswered(String id, String code, String reason, boolean retriable) implements AnswerEvent {}
}
