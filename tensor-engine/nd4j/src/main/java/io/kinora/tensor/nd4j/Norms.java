package io.kinora.tensor.nd4j;

import io.kinora.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;

/** Normalisations. For use inside a call. */
final class Norms {
    private Norms() {}

    static Tensor group(
            Calls calls, String operation, Nd4jTensor x, int groups, Nd4jTensor weight, Nd4jTensor bias, double eps) {
        if (x.layout().rank() < 2 || groups < 1 || x.dim(1) % groups != 0) {
            throw new Misfit("its channels do not divide into %d groups".formatted(groups));
        }
        requireVector(weight, x.dim(1));
        requireVector(bias, x.dim(1));
        return calls.compute(operation, x.dtype(), x.layout().shape(), work -> {
            DataType type = Types.computed(x.dtype());
            long C = x.dim(1);
            long rows = x.dim(0) * groups;
            INDArray grouped = work.shaped(work.read(x, type), rows, x.layout().elements() / rows);
            INDArray normal = work.shaped(
                    normal(work, grouped, eps), x.dim(0), C, x.layout().elements() / (x.dim(0) * C));
            work.pairInto("multiply", normal, work.shaped(work.read(weight, type), 1, C, 1));
            work.pairInto("add", normal, work.shaped(work.read(bias, type), 1, C, 1));
            return operation.equals("groupNormSilu") ? work.silu(normal) : normal;
        });
    }

    static Tensor layer(Calls calls, Nd4jTensor x, Nd4jTensor weight, Nd4jTensor bias, double eps) {
        requireVector(weight, width(x));
        requireVector(bias, width(x));
        return calls.compute("layerNorm", x.dtype(), x.layout().shape(), work -> {
            DataType type = Types.computed(x.dtype());
            INDArray rows = work.shaped(work.read(x, type), x.layout().elements() / width(x), width(x));
            INDArray normal = normal(work, rows, eps);
            work.pairInto("multiply", normal, work.read(weight, type));
            return work.pairInto("add", normal, work.read(bias, type));
        });
    }

    static Tensor rms(Calls calls, Nd4jTensor x, Nd4jTensor weight, double eps) {
        requireVector(weight, width(x));
        return calls.compute("rmsNorm", x.dtype(), x.layout().shape(), work -> {
            DataType type = Types.computed(x.dtype());
            INDArray rows = work.shaped(work.read(x, type), x.layout().elements() / width(x), width(x));
            INDArray squares = work.pair("multiply", rows, rows, rows.shape());
            INDArray factor = reciprocalRoot(work, work.rowMeans(squares), eps);
            INDArray normal = work.pair("multiply", rows, factor, rows.shape());
            INDArray rounded = work.cast(work.cast(normal, Types.stored(x.dtype())), type);
            return work.pairInto("multiply", rounded, work.read(weight, type));
        });
    }

    /** Rows with mean 0 and variance 1, the variance being the biased one, as a new array. */
    private static INDArray normal(Work work, INDArray rows, double eps) {
        INDArray centred = work.pair("subtract", rows, work.rowMeans(rows), rows.shape());
        INDArray squares = work.pair("multiply", centred, centred, rows.shape());
        INDArray factor = reciprocalRoot(work, work.rowMeans(squares), eps);
        return work.pairInto("multiply", centred, factor);
    }

    /** 1 / √(x + eps), in the place of x. */
    private static INDArray reciprocalRoot(Work work, INDArray x, double eps) {
        INDArray shifted = work.pairInto("add", x, eps);
        return work.eachInto(shifted, shifted, RSqrt::new);
    }

    private static long width(Nd4jTensor x) {
        if (x.layout().rank() == 0) {
            throw new Misfit("a scalar has no last axis");
        }
        return x.dim(-1);
    }

    private static void requireVector(Nd4jTensor vector, long length) {
        if (vector.layout().rank() != 1 || vector.dim(0) != length) {
            throw new Misfit("a vector of %d is needed, got %s".formatted(length, vector.shape()));
        }
    }
}
