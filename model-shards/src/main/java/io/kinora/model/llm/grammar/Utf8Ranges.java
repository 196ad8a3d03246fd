package io.kinora.model.llm.grammar;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Ranges of characters as the bytes that spell them in UTF-8. */
final class Utf8Ranges {
    private static final int[] LAST_OF_LENGTH = {0x7f, 0x7ff, 0xffff, Character.MAX_CODE_POINT};
    private static final int CONTINUATION_BITS = 6;
    private static final int CONTINUATION_MASK = 0x3f;
    private static final int CONTINUATION = 0x80;

    private Utf8Ranges() {}

    /** A byte from one value to another, both included. */
    record Bytes(int from, int to) {}

    /** Each element is one spelling: a byte after the other. Surrogates, which are no characters, are left out. */
    static List<List<Bytes>> of(List<Expression.Range> ranges, boolean excluded) {
        List<List<Bytes>> spellings = new ArrayList<>();
        for (Expression.Range range : excluded ? others(ranges) : ranges) {
            if (range.from() < Character.MIN_SURROGATE) {
                split(range.from(), Math.min(range.to(), Character.MIN_SURROGATE - 1), spellings);
            }
            if (range.to() > Character.MAX_SURROGATE) {
                split(Math.max(range.from(), Character.MAX_SURROGATE + 1), range.to(), spellings);
            }
        }
        return spellings;
    }

    private static List<Expression.Range> others(List<Expression.Range> ranges) {
        List<Expression.Range> sorted = ranges.stream()
                .sorted(Comparator.comparingInt(Expression.Range::from))
                .toList();
        List<Expression.Range> gaps = new ArrayList<>();
        int next = 0;
        for (Expression.Range range : sorted) {
            if (range.from() > next) {
                gaps.add(new Expression.Range(next, range.from() - 1));
            }
            next = Math.max(next, range.to() + 1);
        }
        if (next <= Character.MAX_CODE_POINT) {
            gaps.add(new Expression.Range(next, Character.MAX_CODE_POINT));
        }
        return gaps;
    }

    private static void split(int from, int to, List<List<Bytes>> spellings) {
        int begin = from;
        for (int length = 1; length <= LAST_OF_LENGTH.length && begin <= to; length++) {
            int last = LAST_OF_LENGTH[length - 1];
            if (begin <= last) {
                sameLength(begin, Math.min(to, last), length - 1, List.of(), spellings);
                begin = last + 1;
            }
        }
    }

    /** Cuts a range of spellings of one length until every byte of it varies by itself. */
    private static void sameLength(int from, int to, int further, List<Bytes> before, List<List<Bytes>> spellings) {
        int block = 1 << (CONTINUATION_BITS * further);
        int first = from / block;
        int last = to / block;
        boolean whole = from % block == 0 && to % block == block - 1;
        if (whole || further == 0) {
            List<Bytes> spelling = new ArrayList<>(before);
            spelling.add(new Bytes(lead(first, further, before), lead(last, further, before)));
            for (int i = 0; i < further; i++) {
                spelling.add(new Bytes(CONTINUATION, CONTINUATION | CONTINUATION_MASK));
            }
            spellings.add(List.copyOf(spelling));
            return;
        }
        if (first == last) {
            List<Bytes> longer = new ArrayList<>(before);
            longer.add(new Bytes(lead(first, further, before), lead(first, further, before)));
            sameLength(from % block, to % block, further - 1, longer, spellings);
            return;
        }
        int cut = from % block == 0 ? last * block : (first + 1) * block;
        sameLength(from, cut - 1, further, before, spellings);
        sameLength(cut, to, further, before, spellings);
    }

    private static int lead(int bits, int further, List<Bytes> before) {
        if (!before.isEmpty()) {
            return CONTINUATION | bits;
        }
        return switch (further) {
            case 0 -> bits;
            case 1 -> 0xc0 | bits;
            case 2 -> 0xe0 | bits;
            default -> 0xf0 | bits;
        };
    }
}
