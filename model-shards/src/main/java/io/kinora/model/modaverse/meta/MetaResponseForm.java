package io.kinora.model.modaverse.meta;

import io.kinora.model.llm.grammar.Expression;
import io.kinora.model.llm.grammar.Grammar;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The grammar of a meta-response, for decoding that cannot leave it: {@code Modality: [IMAGE] Prompt: … ###}, with modalities that may be
 * asked for. Flags are the added tokens, as the model was trained on; the prompt is any text without the end mark.
 */
public final class MetaResponseForm {
    private static final String BLANKS = " \t\n\r";
    private static final String MARK = "#";

    private MetaResponseForm() {}

    /**
     * Meta-responses of these modalities.
     *
     * @param most how many may follow each other, each with a prompt of its own
     * @throws IllegalArgumentException if there is no modality, or none may come
     */
    public static Grammar of(Set<Modality> modalities, int most) {
        if (modalities.isEmpty() || most < 1) {
            throw new IllegalArgumentException("a meta-response has at least one modality and one invocation");
        }
        List<Expression> flags = new TreeSet<>(modalities)
                .stream()
                        .map(modality -> (Expression) new Expression.Token(modality.flag()))
                        .toList();
        Expression blank = Expression.optional(new Expression.Text(" "));
        Expression invocation = Expression.sequence(
                new Expression.Text("Modality:"),
                blank,
                new Expression.Choice(flags),
                blank,
                new Expression.Text("Prompt:"),
                blank,
                prompt(),
                blank,
                new Expression.Text("###"));
        return Grammar.of(Expression.sequence(
                invocation,
                new Expression.Repeat(Expression.sequence(blank, invocation), 0, OptionalInt.of(most - 1))));
    }

    /** Begins with something to see; a mark stands alone or in twos, and never last. */
    private static Expression prompt() {
        Expression plain = Expression.noneOf(MARK);
        Expression marked =
                Expression.sequence(new Expression.Text(MARK), Expression.optional(new Expression.Text(MARK)), plain);
        return Expression.sequence(
                Expression.noneOf(BLANKS + MARK), Expression.anyNumber(Expression.choice(plain, marked)));
    }
}
