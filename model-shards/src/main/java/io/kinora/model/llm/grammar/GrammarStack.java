package io.kinora.model.llm.grammar;

import io.kinora.model.llm.grammar.Productions.Element;
import java.util.List;
import java.util.Objects;

/** What is still to come on one reading of an answer: the rest of a sequence, and below it what follows. The bottom is the end. */
final class GrammarStack {
    /** Nothing is to come: the answer may end. */
    static final GrammarStack END = new GrammarStack();

    private final List<Element> sequence;
    private final int at;
    private final GrammarStack below;
    private final int hash;

    private GrammarStack() {
        this.sequence = List.of();
        this.at = 0;
        this.below = this;
        this.hash = 1;
    }

    private GrammarStack(List<Element> sequence, int at, GrammarStack below) {
        this.sequence = sequence;
        this.at = at;
        this.below = below;
        this.hash = Objects.hash(sequence, at, below.hash);
    }

    /** The rest of a sequence before what is below; a sequence that is over leaves no trace. */
    static GrammarStack of(List<Element> sequence, int at, GrammarStack below) {
        return at == sequence.size() ? below : new GrammarStack(sequence, at, below);
    }

    /** What comes next; not for {@link #END}. */
    Element top() {
        return sequence.get(at);
    }

    /** What comes after that. */
    GrammarStack rest() {
        return of(sequence, at + 1, below);
    }

    /** True for {@link #END}. */
    boolean isEnd() {
        return sequence.isEmpty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GrammarStack stack
                && hash == stack.hash
                && at == stack.at
                && sequence.equals(stack.sequence)
                && (isEnd() || below.equals(stack.below));
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
