package io.kinora.model.llm.grammar;

import io.kinora.model.llm.grammar.Productions.ByteRange;
import io.kinora.model.llm.grammar.Productions.Call;
import io.kinora.model.llm.grammar.Productions.Element;
import io.kinora.model.llm.grammar.Productions.Named;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads bytes and tokens along a grammar. A state is the set of all readings; equal sets are one state, and where a byte leads is looked
 * up once, so that the automaton becomes deterministic as it is used. Not thread-safe.
 */
final class Automaton {
    private static final int BYTES = 256;
    private static final int MOST_STATES = 20_000;

    private final List<List<List<Element>>> rules;
    private final Map<Set<GrammarStack>, State> states = new HashMap<>();
    private final State dead = new State(Set.of());

    Automaton(List<List<List<Element>>> rules) {
        this.rules = rules;
    }

    /** Where an answer has come to. Equality is identity while the automaton remembers the state. */
    final class State {
        private final Set<GrammarStack> stacks;
        private final State[] byByte = new State[BYTES];

        private State(Set<GrammarStack> stacks) {
            this.stacks = stacks;
        }

        /** No answer begins like this. */
        boolean isDead() {
            return stacks.isEmpty();
        }

        /** What was read is a whole answer. */
        boolean isWhole() {
            return stacks.contains(GrammarStack.END);
        }

        /** It is a whole answer, and none is longer. */
        boolean isOver() {
            return stacks.size() == 1 && isWhole();
        }

        State read(int value) {
            State known = byByte[value];
            if (known == null) {
                known = after(value);
                byByte[value] = known;
            }
            return known;
        }

        private State after(int value) {
            Set<GrammarStack> next = new HashSet<>();
            for (GrammarStack stack : stacks) {
                if (!stack.isEnd()
                        && stack.top() instanceof ByteRange expected
                        && expected.from() <= value
                        && value <= expected.to()) {
                    settle(stack.rest(), next);
                }
            }
            return state(next);
        }

        /** Behind a token that the grammar calls by its name; dead where it does not. */
        State readNamed(int id) {
            Set<GrammarStack> next = new HashSet<>();
            for (GrammarStack stack : stacks) {
                if (!stack.isEnd() && stack.top() instanceof Named named && named.id() == id) {
                    settle(stack.rest(), next);
                }
            }
            return state(next);
        }

        /** The tokens that the grammar calls by their names here. */
        Set<Integer> named() {
            Set<Integer> ids = new HashSet<>();
            for (GrammarStack stack : stacks) {
                if (!stack.isEnd() && stack.top() instanceof Named named) {
                    ids.add(named.id());
                }
            }
            return ids;
        }
    }

    /** Before the first byte. */
    State start() {
        Set<GrammarStack> stacks = new HashSet<>();
        for (List<Element> alternative : rules.get(0)) {
            settle(GrammarStack.of(alternative, 0, GrammarStack.END), stacks);
        }
        return state(stacks);
    }

    private State state(Set<GrammarStack> stacks) {
        if (stacks.isEmpty()) {
            return dead;
        }
        Optional<State> known = Optional.ofNullable(states.get(stacks));
        if (known.isPresent()) {
            return known.get();
        }
        if (states.size() >= MOST_STATES) {
            states.clear(); // states in use stay as they are; they are only found anew
        }
        State made = new State(stacks);
        states.put(stacks, made);
        return made;
    }

    /** Replaces calls on top by what they call, until bytes, tokens or the end are on top. */
    private void settle(GrammarStack stack, Set<GrammarStack> settled) {
        if (stack.isEnd() || !(stack.top() instanceof Call call)) {
            settled.add(stack);
            return;
        }
        GrammarStack rest = stack.rest();
        for (List<Element> alternative : rules.get(call.rule())) {
            settle(GrammarStack.of(alternative, 0, rest), settled);
        }
    }
}
