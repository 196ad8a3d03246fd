package io.kinora.tensor.nd4j;

import io.kinora.tensor.Shape;

/** Shapes that go together as NumPy has it: axes are compared from the last, and 1 goes with everything. */
final class Broadcast {
    private Broadcast() {}

    static Shape of(Shape a, Shape b) {
        long[] sizes = new long[Math.max(a.rank(), b.rank())];
        for (int i = 1; i <= sizes.length; i++) {
            long first = i <= a.rank() ? a.dim(-i) : 1;
            long second = i <= b.rank() ? b.dim(-i) : 1;
            if (first != second && first != 1 && second != 1) {
                throw new Misfit("sizes %d and %d do not go together".formatted(first, second));
            }
            sizes[sizes.length - i] = first == 1 ? second : first;
        }
        return Shape.of(sizes);
    }

    /** Refuses a shape that does not become the other by repetition. */
    static void require(Shape source, Shape target) {
        if (!of(source, target).equals(target)) {
            throw new Misfit("%s does not become %s by repetition".formatted(source, target));
        }
    }
}
