package io.kinora.tensor.nd4j;

import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gated units and rotary positions. For use inside a call. */
final class Gates {
    private Gates() {}

    static Tensor geglu(Calls calls, Nd4jTensor x) {
        if (x.layout().rank() == 0 || x.dim(-1) % 2 != 0) {
            throw new Misfit("its last axis has no two halves");
        }
        long[] sizes = x.layout().sizes();
        long C = sizes[sizes.length - 1] / 2;
        sizes[sizes.length - 1] = C;
        return calls.compute("geglu", x.dtype(), Shape.of(sizes), work -> {
            DataType type = Types.computed(x.dtype());
            INDArray rows = work.read(x, type);
            INDArray gate = half(work, rows, C, C, sizes);
            return work.pairInto("multiply", work.gelu(gate), half(work, rows, 0, C, sizes));
        });
    }

    static Tensor swiglu(Calls calls, Nd4jTensor gate, Nd4jTensor up) {
        Products.sameType(gate, up);
        if (!gate.shape().equals(up.shape())) {
            throw new Misfit("gate and value are of one shape");
        }
        return calls.compute("swiglu", gate.dtype(), gate.shape(), work -> {
            DataType type = Types.computed(gate.dtype());
            return work.pairInto("multiply", work.silu(work.read(gate, type)), work.read(up, type));
        });
    }

    static Tensor rotary(Calls calls, Nd4jTensor x, Nd4jTensor cos, Nd4jTensor sin) {
        if (x.layout().rank() != 4 || x.dim(3) % 2 != 0) {
            throw new Misfit("x is [B, H, T, d] with an even d");
        }
        long half = x.dim(3) / 2;
        Shape each = Shape.of(x.dim(0), x.dim(1), x.dim(2), half);
        Table tables = (work, table, type) -> {
            long batch = table.layout().rank() == 3 ? table.dim(0) : 1;
            return work.shaped(work.read(table, type), batch, 1, x.dim(2), half);
        };
        requireTable(cos, x, half);
        requireTable(sin, x, half);
        return calls.compute("rotary", x.dtype(), x.shape(), work -> {
            DataType type = Types.computed(x.dtype());
            INDArray rows = work.read(x, type);
            INDArray c = tables.of(work, cos, type);
            INDArray s = tables.of(work, sin, type);
            INDArray first = half(work, rows, 0, half, each.toArray());
            INDArray second = half(work, rows, half, half, each.toArray());
            INDArray result = work.make(type, x.layout().sizes());
            INDArray low = work.pairInto(
                    "subtract",
                    work.pair("multiply", first, c, each.toArray()),
                    work.pair("multiply", second, s, each.toArray()));
            INDArray high = work.pairInto(
                    "add",
                    work.pair("multiply", second, c, each.toArray()),
                    work.pair("multiply", first, s, each.toArray()));
            view(work, result, 0, half).assign(low);
            view(work, result, half, half).assign(high);
            return result;
        });
    }

    private interface Table {
        INDArray of(Work work, Nd4jTensor table, DataType type);
    }

    private static void requireTable(Nd4jTensor table, Nd4jTensor x, long half) {
        int rank = table.layout().rank();
        boolean fits = (rank == 2 || (rank == 3 && (table.dim(0) == x.dim(0) || table.dim(0) == 1)))
                && table.dim(-2) == x.dim(2)
                && table.dim(-1) == half;
        if (!fits) {
            throw new Misfit("angles are [T, d/2] or [B, T, d/2], got %s".formatted(table.shape()));
        }
    }

    private static INDArray half(Work work, INDArray rows, long from, long count, long... sizes) {
        return work.shaped(work.copy(view(work, rows, from, count)), sizes);
    }

    /** Positions of the last axis of a row-major array. */
    private static INDArray view(Work work, INDArray rows, long from, long count) {
        return work.view(rows, Layout.rowMajor(Shape.of(rows.shape())).slice(-1, from, from + count));
    }
}
