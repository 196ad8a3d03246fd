package io.kinora.kafka.record;

import java.util.List;
import java.util.Objects;

/** A token that might have stood in an answer; the fields are those of {@link TokenLogprob}. */
public record TokenAlternative(String token, List<Integer> bytes, double logprob) {
    /** Takes a copy. */
    public TokenAlternative {
        Objects.requireNonNull(token);
        bytes = List.copyOf(bytes);
    }
}
