package io.kinora.model.text;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Encoded texts of one length, as a batch needs them: longer rows truncated with the tokens for beginning and end kept,
 * shorter ones filled with the pad token, each on the side that the tokenizer's files name.
 */
public final class PaddedRows {
    private final List<int[]> ids = new ArrayList<>();
    private final List<int[]> mask = new ArrayList<>();

    private PaddedRows(Tokenizer tokenizer, List<int[]> rows, int length) {
        OptionalInt pad = tokenizer.padId();
        int[] around = tokenizer.encodeParsed("");
        boolean hasBegin = around.length > 0 && tokenizer.beginId().equals(OptionalInt.of(around[0]));
        boolean hasEnd = around.length > (hasBegin ? 1 : 0);
        for (int[] row : rows) {
            int[] fitting = row.length <= length ? row : truncate(tokenizer, row, length, hasBegin, hasEnd);
            int missing = length - fitting.length;
            if (missing > 0 && pad.isEmpty()) {
                throw new TokenizerException("rows of different lengths need a pad token, and the tokenizer has none");
            }
            IntStream filling = IntStream.generate(() -> pad.orElse(0)).limit(missing);
            ids.add(joined(tokenizer, IntStream.of(fitting), filling));
            mask.add(joined(
                    tokenizer,
                    IntStream.of(fitting).map(id -> 1),
                    IntStream.range(0, missing).map(i -> 0)));
        }
    }

    /**
     * Rows of a given length.
     *
     * @param rows what {@link Tokenizer#encodeParsed} gave
     * @throws TokenizerException if a row is shorter and the tokenizer has no pad token
     */
    public static PaddedRows toLength(Tokenizer tokenizer, List<int[]> rows, int length) {
        if (length < 2) {
            throw new IllegalArgumentException("rows have room for begin and end, got a length of " + length);
        }
        return new PaddedRows(tokenizer, rows, length);
    }

    /** Rows as long as the longest. Errors as {@link #toLength}. */
    public static PaddedRows toLongest(Tokenizer tokenizer, List<int[]> rows) {
        return new PaddedRows(
                tokenizer, rows, rows.stream().mapToInt(row -> row.length).max().orElse(0));
    }

    /** The rows, all of one length. */
    public List<int[]> ids() {
        return ids.stream().map(int[]::clone).toList();
    }

    /** For each row, 1 where it has its own tokens and 0 where it was filled. */
    public List<int[]> mask() {
        return mask.stream().map(int[]::clone).toList();
    }

    private static int[] truncate(Tokenizer tokenizer, int[] row, int length, boolean hasBegin, boolean hasEnd) {
        int begin = hasBegin ? 1 : 0;
        int end = hasEnd ? 1 : 0;
        int kept = length - begin - end;
        int from = tokenizer.truncationSide() == Tokenizer.Side.RIGHT ? begin : row.length - end - kept;
        IntStream content = IntStream.of(row).skip(from).limit(kept);
        IntStream front = IntStream.of(row).limit(begin);
        IntStream back = IntStream.of(row).skip(row.length - end);
        return IntStream.concat(IntStream.concat(front, content), back).toArray();
    }

    private static int[] joined(Tokenizer tokenizer, IntStream row, IntStream filling) {
        return tokenizer.paddingSide() == Tokenizer.Side.RIGHT
                ? IntStream.concat(row, filling).toArray()
                : IntStream.concat(filling, row).toArray();
    }
}
