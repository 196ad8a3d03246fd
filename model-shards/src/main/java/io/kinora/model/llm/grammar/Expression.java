package io.kinora.model.llm.grammar;

import java.util.List;
import java.util.OptionalInt;

/** A part of a {@link Grammar}: which texts it stands for. Immutable data. */
public sealed interface Expression {
    /** Nothing, always. */
    Expression EMPTY = new Sequence(List.of());

    /** Exactly this text. */
    record Text(String text) implements Expression {}

    /**
     * One character.
     *
     * @param ranges the characters it may be
     * @param excluded true if it may be any other character instead
     */
    record Symbol(List<Range> ranges, boolean excluded) implements Expression {
        /** Copies the list. */
        public Symbol {
            ranges = List.copyOf(ranges);
        }
    }

    /**
     * Characters from one to another, both included, by their code points.
     */
    record Range(int from, int to) {
        /** Checks the order and the bounds of Unicode. */
        public Range {
            if (from < 0 || to < from || to > Character.MAX_CODE_POINT) {
                throw new GrammarException("characters U+%04X to U+%04X are no range".formatted(from, to));
            }
        }
    }

    /** One token of the vocabulary by its exact name, as an added one that no text spells. */
    record Token(String name) implements Expression {}

    /** One after the other. */
    record Sequence(List<Expression> parts) implements Expression {
        /** Copies the list. */
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /** One of these. */
    record Choice(List<Expression> alternatives) implements Expression {
        /** Copies the list, which must not be empty. */
        public Choice {
            alternatives = List.copyOf(alternatives);
            if (alternatives.isEmpty()) {
                throw new GrammarException("a choice has alternatives");
            }
        }
    }

    /**
     * A part again and again.
     *
     * @param least how often at least
     * @param most how often at most; empty for any number
     */
    record Repeat(Expression part, int least, OptionalInt most) implements Expression {
        /** Checks the order. */
        public Repeat {
            if (least < 0 || (most.isPresent() && most.getAsInt() < least)) {
                throw new GrammarException(
                        "a part is repeated at least %d times and at most %s".formatted(least, most));
            }
        }
    }

    /** What the grammar calls by this name. */
    record Rule(String name) implements Expression {}

    /** One after the other. */
    static Expression sequence(Expression... parts) {
        return new Sequence(List.of(parts));
    }

    /** One of these. */
    static Expression choice(Expression... alternatives) {
        return new Choice(List.of(alternatives));
    }

    /** The part, or nothing. */
    static Expression optional(Expression part) {
        return new Choice(List.of(part, EMPTY));
    }

    /** The part any number of times, also never. */
    static Expression anyNumber(Expression part) {
        return new Repeat(part, 0, OptionalInt.empty());
    }

    /** One of the characters of a text. */
    static Expression oneOf(String characters) {
        return new Symbol(single(characters), false);
    }

    /** A character that is none of those of a text. */
    static Expression noneOf(String characters) {
        return new Symbol(single(characters), true);
    }

    private static List<Range> single(String characters) {
        return characters.codePoints().mapToObj(c -> new Range(c, c)).toList();
    }
}
