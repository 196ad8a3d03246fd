package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The largest elements of rows. ND4J's own looks through the row anew for each of them; here a row is looked through once, in Java, with the k
 * best so far at hand. For use inside a call.
 */
final class TopOf {
    private TopOf() {}

    static Tensor.TopK rows(Calls calls, Nd4jTensor x, int k) {
        Layout layout = x.layout();
        if (layout.rank() == 0 || k < 0 || k > layout.sizes()[layout.rank() - 1]) {
            throw new Misfit("there are no %d elements in a row".formatted(k));
        }
        long[] sizes = layout.sizes();
        int width = Math.toIntExact(sizes[sizes.length - 1]);
        sizes[sizes.length - 1] = k;
        Shape shape = Shape.of(sizes);
        if (shape.elements() == 0) {
            return new Tensor.TopK(calls.empty(shape, x.dtype()), calls.empty(shape, DType.I64));
        }
        long[] positions = new long[Math.toIntExact(shape.elements())];
        long[] flat = new long[positions.length]; // counted from the first element of all
        Ranking ranking = Ranking.of(x);
        for (int row = 0; row < positions.length / k; row++) {
            largest(ranking, (long) row * width, width, k, row * k, positions, flat);
        }
        try (Work work = new Work()) {
            INDArray elements = work.rows(x);
            INDArray values = work.run(
                    "gather",
                    elements.dataType(),
                    new long[] {flat.length},
                    new long[] {0},
                    work.shaped(elements, elements.length()),
                    work.longs(flat));
            INDArray where = work.longs(positions);
            return new Tensor.TopK(
                    work.result(calls, values, shape, x.dtype()), work.result(calls, where, shape, DType.I64));
        }
    }

    /** Which of two elements is the larger; what is no number is larger than all, as PyTorch has it. */
    private interface Ranking {
        int compare(int first, int second);

        static Ranking of(Nd4jTensor x) {
            if (!x.dtype().isFloat()) {
                long[] values = HostCopies.longs(x);
                return (a, b) -> Long.compare(values[a], values[b]);
            }
            if (x.dtype() == DType.F64) {
                double[] values = HostCopies.doubles(x);
                return (a, b) -> Double.compare(values[a], values[b]);
            }
            float[] values = HostCopies.floats(x);
            return (a, b) -> Float.compare(values[a], values[b]);
        }
    }

    /** The k largest of the row that starts at an element, largest first, of equal ones the first. */
    private static void largest(
            Ranking ranking, long start, int width, int k, int into, long[] positions, long[] flat) {
        int first = Math.toIntExact(start);
        Comparator<Integer> order = (a, b) -> {
            int byValue = ranking.compare(a, b);
            return byValue != 0 ? byValue : Integer.compare(b, a);
        };
        PriorityQueue<Integer> best = new PriorityQueue<>(k, order);
        for (int at = first; at < first + width; at++) {
            if (best.size() < k) {
                best.add(at);
            } else if (ranking.compare(at, best.element()) > 0) {
                best.remove();
                best.add(at);
            }
        }
        for (int i = k - 1; i >= 0; i--) {
            int at = best.remove();
            positions[into + i] = (long) at - first;
            flat[into + i] = at;
        }
    }
}
