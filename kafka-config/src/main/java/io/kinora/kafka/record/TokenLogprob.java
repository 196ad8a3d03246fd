package io.kinora.kafka.record;

import java.util.List;
import java.util.Objects;

/**
 * A token of an answer with the logarithm of its probability under the model, before temperature and truncation.
 *
 * @param token its text; U+FFFD stands for bytes that are no character by themselves
 * @param bytes its bytes, 0 to 255 each, from which characters over several tokens can be put together
 * @param logprob natural logarithm, at most 0
 * @param topLogprobs the most probable tokens at its place, best first; as many as were asked for
 */
public record TokenLogprob(String token, List<Integer> bytes, double logprob, List<TokenAlternative> topLogprobs) {
    /** Takes copies. */
    public TokenLogprob {
        Objects.requireNonNull(token);
        bytes = List.copyOf(bytes);
        topLogprobs = List.copyOf(topLogprobs);
    }
}
