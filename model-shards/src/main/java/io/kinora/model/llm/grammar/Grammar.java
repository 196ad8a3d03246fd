package io.kinora.model.llm.grammar;

import java.util.Map;
import java.util.Objects;

/**
 * The texts that an answer may be. Context-free; rules may call each other and themselves, but none may begin with itself.
 *
 * @param start what a whole answer is
 * @param rules what {@link Expression.Rule} calls, by name
 */
public record Grammar(Expression start, Map<String, Expression> rules) {
    /** Copies the map. */
    public Grammar {
        Objects.requireNonNull(start);
        rules = Map.copyOf(rules);
    }

    /** Without rules. */
    public static Grammar of(Expression start) {
        return new Grammar(start, Map.of());
    }
}
