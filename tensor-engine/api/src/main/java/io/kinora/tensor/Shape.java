package io.kinora.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Sizes of a tensor's axes, outermost first. Immutable; a scalar has no axes. */
public final class Shape {
    private final long[] sizes;

    private Shape(long[] sizes) {
        this.sizes = sizes;
    }

    /**
     * A shape of the given sizes.
     *
     * @throws IllegalArgumentException if a size is negative
     */
    public static Shape of(long... sizes) {
        for (long size : sizes) {
            if (size < 0) {
                throw new IllegalArgumentException("a shape has no negative sizes, got " + Arrays.toString(sizes));
            }
        }
        return new Shape(sizes.clone());
    }

    /** Number of axes. */
    public int rank() {
        return sizes.length;
    }

    /**
     * Size of an axis; negative axes count from the end, as {@code -1} for the last.
     *
     * @throws IndexOutOfBoundsException if there is no such axis
     */
    public long dim(int axis) {
        return sizes[axis(axis)];
    }

    /** The axis as a number in {@code 0..rank-1}; negative axes count from the end. */
    public int axis(int axis) {
        int resolved = axis < 0 ? axis + sizes.length : axis;
        if (resolved < 0 || resolved >= sizes.length) {
            throw new IndexOutOfBoundsException("no axis %d in shape %s".formatted(axis, this));
        }
        return resolved;
    }

    /** Number of elements; 1 for a scalar. */
    public long elements() {
        long product = 1;
        for (long size : sizes) {
            product = Math.multiplyExact(product, size);
        }
        return product;
    }

    /** A copy of the sizes. */
    public long[] toArray() {
        return sizes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    /** The sizes in brackets, as {@code [1, 3, 448, 448]}. */
    @Override
    public String toString() {
        return Arrays.stream(sizes).mapToObj(Long::toString).collect(Collectors.joining(", ", "[", "]"));
    }
}
