package io.kinora.tensor.nd4j;

import io.kinora.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Where the elements of a tensor lie in a buffer: sizes, strides and offset, in elements. Immutable. */
final class Layout {
    private final long[] sizes;
    private final long[] strides;
    private final long offset;

    private Layout(long[] sizes, long[] strides, long offset) {
        this.sizes = sizes;
        this.strides = strides;
        this.offset = offset;
    }

    /** Row-major from the start of a buffer. */
    static Layout rowMajor(Shape shape) {
        long[] sizes = shape.toArray();
        return new Layout(sizes, rowMajorStrides(sizes), 0);
    }

    /** As an array of ND4J's has it. */
    static Layout of(long[] sizes, long[] strides, long offset) {
        return new Layout(sizes.clone(), strides.clone(), offset);
    }

    private static long[] rowMajorStrides(long... sizes) {
        long[] strides = new long[sizes.length];
        long step = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            strides[i] = step;
            step *= Math.max(1, sizes[i]);
        }
        return strides;
    }

    Shape shape() {
        return Shape.of(sizes);
    }

    long[] sizes() {
        return sizes.clone();
    }

    long[] strides() {
        return strides.clone();
    }

    long offset() {
        return offset;
    }

    int rank() {
        return sizes.length;
    }

    long elements() {
        return shape().elements();
    }

    boolean isRowMajor() {
        long step = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            if (sizes[i] != 1 && strides[i] != step) {
                return false;
            }
            step *= sizes[i];
        }
        return true;
    }

    int axis(int axis) {
        int resolved = axis < 0 ? axis + sizes.length : axis;
        if (resolved < 0 || resolved >= sizes.length) {
            throw new Misfit("there is no axis %d".formatted(axis));
        }
        return resolved;
    }

    Layout permute(int... axes) {
        boolean[] seen = new boolean[sizes.length];
        if (axes.length != sizes.length) {
            throw new Misfit("%d axes cannot be put in the order %s".formatted(sizes.length, Arrays.toString(axes)));
        }
        long[] newSizes = new long[sizes.length];
        long[] newStrides = new long[sizes.length];
        for (int i = 0; i < axes.length; i++) {
            int from = axis(axes[i]);
            if (seen[from]) {
                throw new Misfit("axis %d comes twice in %s".formatted(axes[i], Arrays.toString(axes)));
            }
            seen[from] = true;
            newSizes[i] = sizes[from];
            newStrides[i] = strides[from];
        }
        return new Layout(newSizes, newStrides, offset);
    }

    Layout transpose(int first, int second) {
        int[] axes = new int[sizes.length];
        Arrays.setAll(axes, i -> i);
        int a = axis(first);
        int b = axis(second);
        axes[a] = b;
        axes[b] = a;
        return permute(axes);
    }

    Layout slice(int axis, long from, long to) {
        int at = axis(axis);
        if (from < 0 || to < from || to > sizes[at]) {
            throw new Misfit("positions %d to %d are no part of axis %d".formatted(from, to, axis));
        }
        long[] newSizes = sizes.clone();
        newSizes[at] = to - from;
        return new Layout(newSizes, strides, to == from ? offset : offset + from * strides[at]);
    }

    Layout select(int axis, long position) {
        int at = axis(axis);
        long resolved = position < 0 ? position + sizes[at] : position;
        if (resolved < 0 || resolved >= sizes[at]) {
            throw new Misfit("axis %d has no position %d".formatted(axis, position));
        }
        return new Layout(without(sizes, at), without(strides, at), offset + resolved * strides[at]);
    }

    /** The sizes but for an axis. */
    Shape shapeWithout(int axis) {
        return Shape.of(without(sizes, axis(axis)));
    }

    Layout unsqueeze(int axis) {
        int at = axis < 0 ? axis + sizes.length + 1 : axis;
        if (at < 0 || at > sizes.length) {
            throw new Misfit("an axis cannot be inserted at %d".formatted(axis));
        }
        return new Layout(with(sizes, at, 1), with(strides, at, 0), offset);
    }

    Layout squeeze(int axis) {
        int at = axis(axis);
        if (sizes[at] != 1) {
            throw new Misfit("axis %d has size %d, not 1".formatted(axis, sizes[at]));
        }
        return new Layout(without(sizes, at), without(strides, at), offset);
    }

    /** Axes of size 1 repeated up to the sizes, which may have more axes in front; -1 leaves an axis as it is. */
    Layout expand(long... to) {
        int added = to.length - sizes.length;
        if (added < 0) {
            throw new Misfit("it has more axes than %s".formatted(Arrays.toString(to)));
        }
        long[] newSizes = new long[to.length];
        long[] newStrides = new long[to.length];
        for (int i = 0; i < to.length; i++) {
            boolean isNew = i < added;
            long size = isNew ? 1 : sizes[i - added];
            newSizes[i] = to[i] == -1 ? size : to[i];
            if ((newSizes[i] != size && size != 1) || (isNew && to[i] < 0)) {
                throw new Misfit("it cannot be expanded to %s".formatted(Arrays.toString(to)));
            }
            newStrides[i] = isNew || size != newSizes[i] ? 0 : strides[i - added];
        }
        return new Layout(newSizes, newStrides, offset);
    }

    /** Equal parts of an axis. */
    List<Layout> chunks(int parts, int axis) {
        long size = sizes[axis(axis)];
        if (parts < 1 || size % parts != 0) {
            throw new Misfit("axis %d of size %d has no %d equal parts".formatted(axis, size, parts));
        }
        List<Layout> chunks = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            chunks.add(slice(axis, i * (size / parts), (i + 1) * (size / parts)));
        }
        return chunks;
    }

    /** Every element of an axis so many times, along a new axis behind it. */
    Layout repeatEach(int times, int axis) {
        if (times < 0) {
            throw new Misfit("%d is no number of times".formatted(times));
        }
        Layout more = unsqueeze(axis(axis) + 1);
        long[] wanted = more.sizes();
        wanted[axis(axis) + 1] = times;
        return more.expand(wanted);
    }

    /** The sizes that a request for a reshape comes to; one may be -1. */
    long[] resolve(long... wanted) {
        long[] resolved = wanted.clone();
        int free = -1;
        long known = 1;
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] == -1 && free < 0) {
                free = i;
            } else if (wanted[i] < 0) {
                throw new Misfit("it cannot be reshaped to %s".formatted(Arrays.toString(wanted)));
            } else {
                known *= wanted[i];
            }
        }
        if (free >= 0 && known > 0 && elements() % known == 0) {
            resolved[free] = elements() / known;
            known *= resolved[free];
        }
        if (known != elements() || Arrays.stream(resolved).anyMatch(size -> size < 0)) {
            throw new Misfit("it cannot be reshaped to %s".formatted(Arrays.toString(wanted)));
        }
        return resolved;
    }

    /** The same elements under other sizes, where strides can say so. */
    Optional<Layout> reshape(long... to) {
        if (elements() == 0 || isRowMajor()) {
            return Optional.of(new Layout(to.clone(), rowMajorStrides(to), offset));
        }
        long[] newStrides = new long[to.length];
        int old = sizes.length - 1;
        int next = to.length - 1;
        while (next >= 0) {
            if (to[next] == 1) {
                newStrides[next] = 1;
                next--;
                continue;
            }
            while (old >= 0 && sizes[old] == 1) {
                old--;
            }
            // A block of old axes that lie in memory as one, against the new axes that fill it.
            long block = sizes[old];
            long step = strides[old];
            int first = old;
            while (first > 0 && (sizes[first - 1] == 1 || strides[first - 1] == block * step)) {
                first--;
                block *= sizes[first];
            }
            long filled = 1;
            while (next >= 0 && filled < block) {
                newStrides[next] = step * filled;
                filled *= to[next];
                next--;
            }
            if (filled != block) {
                return Optional.empty();
            }
            old = first - 1;
        }
        return Optional.of(new Layout(to.clone(), newStrides, offset));
    }

    private static long[] without(long[] values, int at) {
        long[] rest = new long[values.length - 1];
        System.arraycopy(values, 0, rest, 0, at);
        System.arraycopy(values, at + 1, rest, at, rest.length - at);
        return rest;
    }

    private static long[] with(long[] values, int at, long value) {
        long[] more = new long[values.length + 1];
        System.arraycopy(values, 0, more, 0, at);
        more[at] = value;
        System.arraycopy(values, at, more, at + 1, values.length - at);
        return more;
    }
}
