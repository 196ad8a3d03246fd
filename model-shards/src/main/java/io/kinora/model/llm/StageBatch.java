package io.kinora.model.llm;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which rows of a packed tensor {@code [rows, D]} belong to which sequence: pieces of prompts and single new tokens of several
 * sequences, one after another, computed in one call.
 *
 * @param segments at least one, in the order of the rows, no sequence twice
 */
public record StageBatch(List<Segment> segments) {
    /**
     * Consecutive rows of one sequence.
     *
     * @param sequence its number, chosen by the caller
     * @param start position of the first row in the sequence, from 0
     * @param rows how many there are
     */
    public record Segment(long sequence, int start, int rows) {
        /** Checks that there is at least one row. */
        public Segment {
            if (start < 0 || rows < 1) {
                throw new IllegalArgumentException(
                        "a segment has rows at positions from 0, got %d rows at %d".formatted(rows, start));
            }
        }

        /** Position behind the last row: the sequence's length after this step. */
        public int end() {
            return start + rows;
        }
    }

    /** Checks that there are segments and no sequence stands twice. */
    public StageBatch {
        segments = List.copyOf(segments);
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one segment");
        }
        Set<Long> seen = new HashSet<>();
        for (Segment segment : segments) {
            if (!seen.add(segment.sequence())) {
                throw new IllegalArgumentException("sequence %d stands twice in a batch".formatted(segment.sequence()));
            }
        }
    }

    /** A batch of one segment. */
    public static StageBatch of(long sequence, int start, int rows) {
        return new StageBatch(List.of(new Segment(sequence, start, rows)));
    }

    /** Rows of all segments. */
    public int rows() {
        return segments.stream().mapToInt(Segment::rows).sum();
    }

    /** Positions of the packed rows. */
    long[] positions() {
        return segments.stream()
                .flatMapToInt(segment -> IntStream.range(segment.start(), segment.end()))
                .asLongStream()
                .toArray();
    }

    /** Numbers of the rows that end their segments, in order: those whose hidden states say what comes next. */
    public List<Integer> lastRows() {
        int[] end = {0};
        return segments.stream().map(segment -> (end[0] += segment.rows()) - 1).toList();
    }
}
