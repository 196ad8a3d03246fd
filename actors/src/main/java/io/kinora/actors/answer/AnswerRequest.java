package io.kinora.actors.answer;

import io.kinora.actors.shard.AnswerForm;
import io.kinora.actors.trace.RequestTrace;
import io.kinora.model.llm.sample.SamplingSettings;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A question, about clips and pictures as a rule.
 *
 * @param id chosen by the asker, unique among the questions that are being answered
 * @param conversation what is to be answered, and what came before it
 * @param reply what kind of answer is wanted
 * @param priority higher is served first
 * @param deadline when the answer is no longer wanted
 * @param trace that the answer belongs to
 */
public record AnswerRequest(
        String id,
        Conversation conversation,
        Reply reply,
        int priority,
        Optional<Instant> deadline,
        RequestTrace trace) {
    /** Checks that nothing is missing. */
    public AnswerRequest {
        Objects.requireNonNull(id);
        Objects.requireNonNull(conversation);
        Objects.requireNonNull(reply);
        Objects.requireNonNull(trace);
    }

    /** A question that nobody traces. */
    public AnswerRequest(String id, Conversation conversation, Reply reply, int priority, Optional<Instant> deadline) {
        this(id, conversation, reply, priority, deadline, RequestTrace.NONE);
    }

    /** What kind of answer is wanted. */
    public sealed interface Reply {}

    /**
     * A text.
     *
     * @param sampling how its tokens are drawn
     * @param maxNewTokens where it ends at the latest
     * @param stops texts before which it ends
     * @param topLogprobs whether tokens come with their probabilities, and with those of how many others
     */
    public record Free(SamplingSettings sampling, int maxNewTokens, List<String> stops, Optional<Integer> topLogprobs)
            implements Reply {
        /** Takes a copy. */
        public Free {
            stops = List.copyOf(stops);
        }

        /** The best token always. */
        public static Free greedy(int maxNewTokens) {
            return new Free(SamplingSettings.GREEDY, maxNewTokens, List.of(), Optional.empty());
        }
    }

    /** A text that cannot leave a form, whatever the model would rather say. */
    public record Formed(Free text, AnswerForm form) implements Reply {}

    /**
     * The best text that a beam search finds.
     *
     * @param lengthPenalty empty for the one that the checkpoint's release uses
     * @param repetitionPenalty 1 for none
     * @param maxNewTokens where it ends at the latest
     * @param stops texts before which it ends
     */
    public record Searched(
            int beams, Optional<Double> lengthPenalty, double repetitionPenalty, int maxNewTokens, List<String> stops)
            implements Reply {
        /** Takes a copy. */
        public Searched {
            stops = List.copyOf(stops);
        }
    }

    /** The most probable of some answers, with the probabilities of all. */
    public record OneOf(List<String> choices) implements Reply {
        /** Takes a copy. */
        public OneOf {
            choices = List.copyOf(choices);
        }
    }
}
