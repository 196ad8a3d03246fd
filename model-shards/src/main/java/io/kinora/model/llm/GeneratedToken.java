package io.kinora.model.llm;

import io.kinora.model.llm.sample.ScoredToken;
import java.util.List;

/**
 * One token of an answer.
 *
 * @param token its id
 * @param logprob logarithm of its probability under the model, before temperature and truncation
 * @param alternatives the most probable tokens at its place, best first; as many as were asked for
 */
public record GeneratedToken(int token, double logprob, List<ScoredToken> alternatives) {
    /** Copies the list. */
    public GeneratedToken {
        alternatives = List.copyOf(alternatives);
    }
}
