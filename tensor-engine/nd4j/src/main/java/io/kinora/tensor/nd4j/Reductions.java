package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Axes that become one number each. */
final class Reductions {
    private Reductions() {}

    static Tensor sum(Calls calls, Nd4jTensor x, int axis) {
        return reduce(calls, "sum", x, axis, x.dtype().isFloat() ? x.dtype() : DType.I64);
    }

    static Tensor mean(Calls calls, Nd4jTensor x, int axis) {
        return calls.call(
                "mean",
                () -> {
                    if (!x.dtype().isFloat()) {
                        throw new Misfit("floating-point numbers are needed");
                    }
                    return reduce(calls, "mean", x, axis, x.dtype());
                },
                x);
    }

    static Tensor max(Calls calls, Nd4jTensor x, int axis) {
        return calls.call(
                "max",
                () -> {
                    requireSome(x, axis);
                    return reduce(calls, "max", x, axis, x.dtype());
                },
                x);
    }

    static Tensor argmax(Calls calls, Nd4jTensor x, int axis) {
        return calls.call(
                "argmax",
                () -> {
                    requireSome(x, axis);
                    int at = x.layout().axis(axis);
                    Shape shape = x.layout().shapeWithout(at);
                    return calls.compute(
                            "argmax",
                            DType.I64,
                            shape,
                            work -> work.run(
                                    "argmax",
                                    DataType.INT64,
                                    shape.toArray(),
                                    new long[] {at},
                                    work.read(x, Types.computed(x.dtype()))),
                            x);
                },
                x);
    }

    private static Tensor reduce(Calls calls, String operation, Nd4jTensor x, int axis, DType result) {
        return calls.call(
                operation,
                () -> {
                    int at = x.layout().axis(axis);
                    Shape shape = x.layout().shapeWithout(at);
                    DataType type = Types.computed(result);
                    return calls.compute(
                            operation,
                            result,
                            shape,
                            work -> x.layout().elements() == 0
                                    ? work.filled(0, type, shape.toArray())
                                    : reduced(work, operation, work.read(x, type), at, shape),
                            x);
                },
                x);
    }

    /** Sums and means of the first or the last axis are products with a vector: these go to BLAS. */
    private static INDArray reduced(Work work, String operation, INDArray x, int axis, Shape shape) {
        long N = x.size(axis);
        long rest = x.length() / N;
        boolean weighted = x.dataType().isFPType() && !operation.equals("max");
        double weight = operation.equals("mean") ? 1.0 / N : 1;
        if (weighted && axis == x.rank() - 1) {
            return work.product(work.shaped(x, rest, N), work.filled(weight, x.dataType(), N, 1), false, rest, 1);
        }
        if (weighted && axis == 0) {
            return work.product(work.filled(weight, x.dataType(), 1, N), work.shaped(x, N, rest), false, 1, rest);
        }
        return work.run("reduce_" + operation, x.dataType(), shape.toArray(), new long[] {axis}, x);
    }

    private static void requireSome(Nd4jTensor x, int axis) {
        if (x.layout().sizes()[x.layout().axis(axis)] == 0) {
            throw new Misfit("axis %d has no element".formatted(axis));
        }
    }
}
