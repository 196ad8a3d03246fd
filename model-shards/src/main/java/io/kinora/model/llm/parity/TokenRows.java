package io.kinora.model.llm.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Token ids of several sequences as the official classes take them: rows of one length, padded, with a mask, and perhaps with positions.
 * Padding is no token here: nothing attends to it, so a row is computed without it.
 */
final class TokenRows {
    private final List<Row> rows;
    private final int width;

    private TokenRows(List<Row> rows, int width) {
        this.rows = List.copyOf(rows);
        this.width = width;
    }

    /** The tokens of a row that are no padding. */
    static final class Row {
        private final long[] ids;
        private final long[] positions;
        private final int[] columns;

        private Row(long[] ids, long[] positions, int... columns) {
            this.ids = ids;
            this.positions = positions;
            this.columns = columns;
        }

        int length() {
            return ids.length;
        }

        /** {@code [T]}. */
        Tensor ids(Engine engine) {
            return engine.of(ids, ids.length);
        }

        long[] positions() {
            return positions.clone();
        }

        /** Which of this row's tokens stands in a column of the padded row. */
        int tokenAt(int column) {
            int token = Arrays.binarySearch(columns, column);
            if (token < 0) {
                throw new ParityException("column %d is padding: what follows it is not defined".formatted(column));
            }
            return token;
        }
    }

    List<Row> rows() {
        return rows;
    }

    /** Columns of a padded row. */
    int width() {
        return width;
    }

    /** Reads {@code input_ids}, {@code attention_mask} and {@code position_ids}. */
    static TokenRows read(ParityCase parityCase, Engine engine) {
        List<long[]> ids = matrix(parityCase, "input_ids", engine);
        List<long[]> masks = parityCase.hasInput("attention_mask")
                ? matrix(parityCase, "attention_mask", engine)
                : ids.stream().map(TokenRows::ones).toList();
        return of(parityCase, engine, ids, masks);
    }

    /** Likewise; where there is no mask, {@code pad} is padding if it stands in a row, as the official generation has it. */
    static TokenRows read(ParityCase parityCase, Engine engine, long pad) {
        List<long[]> ids = matrix(parityCase, "input_ids", engine);
        List<long[]> masks = parityCase.hasInput("attention_mask")
                ? matrix(parityCase, "attention_mask", engine)
                : ids.stream()
                        .map(row ->
                                LongStream.of(row).map(id -> id == pad ? 0 : 1).toArray())
                        .toList();
        return of(parityCase, engine, ids, masks);
    }

    private static TokenRows of(ParityCase parityCase, Engine engine, List<long[]> ids, List<long[]> masks) {
        List<long[]> positions =
                parityCase.hasInput("position_ids") ? matrix(parityCase, "position_ids", engine) : List.of();
        int width = ids.get(0).length;
        List<Row> rows = new ArrayList<>();
        for (int r = 0; r < ids.size(); r++) {
            long[] mask = masks.get(r);
            int[] columns = IntStream.range(0, width).filter(i -> mask[i] != 0).toArray();
            // Positions are given for every row, or once for all of them.
            long[] places = positions.isEmpty()
                    ? counted(columns)
                    : pick(positions.get(positions.size() == 1 ? 0 : r), columns);
            rows.add(new Row(pick(ids.get(r), columns), places, columns));
        }
        return new TokenRows(rows, width);
    }

    private static long[] counted(int... columns) {
        return LongStream.range(0, columns.length).toArray();
    }

    private static long[] ones(long... row) {
        long[] ones = new long[row.length];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static long[] pick(long[] row, int... columns) {
        return IntStream.of(columns).mapToLong(i -> row[i]).toArray();
    }

    /** A matrix of whole numbers, as a tensor or as lists; a single row may stand alone. */
    private static List<long[]> matrix(ParityCase parityCase, String name, Engine engine) {
        JsonNode node = parityCase.required(name);
        List<long[]> rows = new ArrayList<>();
        if (ParityCase.isTensor(node)) {
            Tensor tensor = parityCase.tensor(node, engine);
            Tensor matrix = tensor.rank() == 1 ? tensor.unsqueeze(0) : tensor;
            for (long row = 0; row < matrix.dim(0); row++) {
                rows.add(matrix.select(0, row).contiguous().toLongs());
            }
        } else if (node.path(0).isArray()) {
            node.forEach(row -> rows.add(numbers(row)));
        } else {
            rows.add(numbers(node));
        }
        if (rows.isEmpty() || rows.stream().anyMatch(row -> row.length != rows.get(0).length)) {
            throw new ParityException("%s: %s is no matrix".formatted(parityCase.folder(), name));
        }
        return rows;
    }

    private static long[] numbers(JsonNode row) {
        long[] numbers = new long[row.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = row.path(i).longValue();
        }
        return numbers;
    }
}
