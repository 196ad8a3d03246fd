package io.kinora.actors.shard;

import io.kinora.actors.serialization.KryoMessage;
import io.kinora.model.llm.sample.BeamSettings;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link LanguageModel} is asked to go on with: token ids, with visual embeddings in place of some of them.
 *
 * @param id chosen by the caller, unique among the requests that run
 * @param ids the prompt, one id a position
 * @param visuals embeddings that stand at some of the positions; owned by the language model once it is asked
 * @param prefix a beginning of the prompt that other requests are likely to share
 * @param priority higher is served first
 * @param deadline when the result is no longer wanted
 * @param output what is wanted
 */
public record LanguageModelRequest(
        String id,
        List<Integer> ids,
        List<StageInput.Visual> visuals,
        Optional<Prefix> prefix,
        int priority,
        Optional<Instant> deadline,
        Output output)
        implements KryoMessage {

    /** Checks that there is a prompt and that the prefix is shorter than it. */
    public LanguageModelRequest {
        ids = List.copyOf(ids);
        visuals = List.copyOf(visuals);
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("a prompt has at least one token");
        }
        if (prefix.isPresent() && prefix.get().rows() >= ids.size()) {
            throw new IllegalArgumentException("a prefix of %d rows is not shorter than its prompt of %d"
                    .formatted(prefix.get().rows(), ids.size()));
        }
    }

    /**
     * A beginning of a prompt.
     *
     * @param key the same for equal beginnings, different for different ones: a hash of ids and of what the embeddings were made from
     * @param rows its length
     */
    public record Prefix(String key, int rows) implements KryoMessage {
        /** Checks that it is not empty. */
        public Prefix {
            if (rows < 1) {
                throw new IllegalArgumentException("a prefix has at least one row, got " + rows);
            }
        }
    }

    /** What is wanted of the language model. */
    public sealed interface Output extends KryoMessage {}

    /** Text, token by token. */
    public record Text(TextOptions options) implements Output {}

    /** Text, token by token, that cannot leave a form. */
    public record Formed(TextOptions options, AnswerForm form) implements Output {}

    /**
     * The best text that a beam search finds; its tokens come all at once, at the end.
     *
     * @param beams each takes a place of its own
     * @param maxNewTokens where it ends at the latest
     * @param stops texts before which it ends
     */
    public record BestText(BeamSettings beams, int maxNewTokens, List<String> stops) implements Output {
        /** Checks that at least one token may come. */
        public BestText {
            stops = List.copyOf(stops);
            if (maxNewTokens < 1) {
                throw new IllegalArgumentException(
                        "max_new_tokens is %d, needs to be at least 1".formatted(maxNewTokens));
            }
        }
    }

    /** Probabilities of given answers, each scored with all its tokens behind the prompt. */
    public record Choices(List<String> choices) implements Output {
        /** Checks that there is something to choose. */
        public Choices {
            choices = List.copyOf(choices);
            if (choices.isEmpty() || choices.stream().anyMatch(String::isEmpty)) {
                throw new IllegalArgumentException("choices are texts of at least one character, got " + choices);
            }
        }
    }

    /** Visual embeddings, regressed one after another. */
    public record Embeddings(int count) implements Output {
        /** Checks the count. */
        public Embeddings {
            if (count < 1) {
                throw new IllegalArgumentException("at least one embedding is regressed, got " + count);
            }
        }
    }
}
