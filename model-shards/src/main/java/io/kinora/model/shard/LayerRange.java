package io.kinora.model.shard;

import java.util.stream.IntStream;

/** Consecutive layers of a model, {@code from} (inclusive) to {@code to} (exclusive); may be empty. */
public record LayerRange(int from, int to) {
    /** Checks that the range does not run backwards. */
    public LayerRange {
        if (from < 0 || to < from) {
            throw new IllegalArgumentException(
                    "a range of layers runs upwards from 0, got %d to %d".formatted(from, to));
        }
    }

    /** All layers of a model. */
    public static LayerRange all(int layers) {
        return new LayerRange(0, layers);
    }

    /** Number of layers. */
    public int size() {
        return to - from;
    }

    /** The layers' numbers. */
    public IntStream indices() {
        return IntStream.range(from, to);
    }

    /** {@code from..to-1} as people count them in the checkpoint, or {@code none}. */
    @Override
    public String toString() {
        return size() == 0 ? "none" : from + ".." + (to - 1);
    }
}
