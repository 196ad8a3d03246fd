package io.kinora.model.llm.grammar;

import io.kinora.model.text.Tokenizer;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A grammar compiled against a vocabulary: which tokens may come next, so that the answer is one of the grammar's texts. Which way the
 * text is cut into tokens is left to the model.
 *
 * <p>Answers share what has been found out about the grammar. Confined to one thread, with all its {@link Run}s.
 */
public final class TokenConstraint {
    private static final int MOST_REMEMBERED = 512;

    private final Tokenizer tokenizer;
    private final PieceTrie first;
    private final PieceTrie later;
    private final Automaton automaton;
    private final Map<Automaton.State, BitSet> allowed;

    private TokenConstraint(Tokenizer tokenizer, Vocabulary vocabulary, Automaton automaton) {
        this.tokenizer = tokenizer;
        this.first = vocabulary.first;
        this.later = vocabulary.later;
        this.automaton = automaton;
        this.allowed = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Automaton.State, BitSet> eldest) {
                return size() > MOST_REMEMBERED;
            }
        };
    }

    /** The pieces of a tokenizer, put in order once for any number of grammars. Immutable and thread-safe. */
    public static final class Vocabulary {
        private final Tokenizer tokenizer;
        private final PieceTrie first;
        private final PieceTrie later;

        /** Of this tokenizer. */
        public Vocabulary(Tokenizer tokenizer) {
            this.tokenizer = tokenizer;
            this.first = PieceTrie.of(tokenizer, true);
            this.later = PieceTrie.of(tokenizer, false);
        }

        /**
         * Compiles a grammar.
         *
         * @throws GrammarException if it names a rule that is not there or a token that the vocabulary has not, or a rule begins with
         *     itself
         */
        public TokenConstraint compile(Grammar grammar) {
            return new TokenConstraint(tokenizer, this, new Automaton(Productions.of(grammar, name -> tokenizer
                    .id(name)
                    .orElse(-1))));
        }
    }

    /** The way of one answer. */
    public Run start() {
        return new Run();
    }

    /** One answer's way through the grammar. */
    public final class Run {
        private Automaton.State state = automaton.start();
        private boolean begun;

        private Run() {}

        /**
         * The tokens that may come next, those that end an answer not among them. Empty if the answer {@link #isWhole} and none is
         * longer, or if the vocabulary cannot spell what would have to come.
         */
        public BitSet allowed() {
            BitSet tokens = begun ? allowed.computeIfAbsent(state, s -> later.readable(s)) : first.readable(state);
            BitSet all = (BitSet) tokens.clone();
            state.named().forEach(all::set);
            return all;
        }

        /** True if what was taken is a whole answer: it may end here. */
        public boolean isWhole() {
            return state.isWhole();
        }

        /** True if it is a whole answer and nothing may follow: it must end here. */
        public boolean isOver() {
            return state.isOver();
        }

        /**
         * Takes the next token.
         *
         * @throws IllegalArgumentException if it is not among those {@link #allowed}
         */
        public void accept(int token) {
            Automaton.State next = state.readNamed(token);
            if (next.isDead()) {
                byte[] bytes = PieceTrie.bytes(tokenizer, token, !begun);
                next = bytes.length == 0 ? next : state;
                for (byte b : bytes) {
                    next = next.read(b & 0xff);
                }
            }
            if (next.isDead()) {
                throw new IllegalArgumentException(
                        "the grammar does not allow the token %d '%s' here".formatted(token, tokenizer.token(token)));
            }
            state = next;
            begun = true;
        }
    }
}
