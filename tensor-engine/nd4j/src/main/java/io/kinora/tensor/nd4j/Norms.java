package io.kinora.tensor.nd4j;

import io.kinora.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

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
            INDArray grouped = work.read(x, type).reshape('c', rows, x.layout().elements() / rows);
            INDArray normal = normal(work, grouped, eps)
                    .reshape('c', x.dim(0), C, x.layout().elements() / (x.dim(0) * C));
            INDArray scaled =
                    work.pair("multiply", normal, work.read(weight, type).reshape('c', 1, C, 1), normal.shape());
            INDArray shifted = work.pair("add", scaled, work.read(bias, type).reshape('c', 1, C, 1), normal.shape());
            return operation.equals("groupNormSilu") ? work.silu(shifted) : shifted;
        });
    }

    static Tensor layer(Calls calls, Nd4jTensor x, Nd4jTensor weight, Nd4jTensor bias, double eps) {
        requireVector(weight, width(x));
        requireVector(bias, width(x));
        return calls.compute("layerNorm", x.dtype(), x.layout().shape(), work -> {
            DataType type = Types.computed(x.dtype());
            INDArray rows = work.read(x, type).reshape('c', x.layout().elements() / width(x), width(x));
            return normal(work, rows, eps)
                    .muliRowVector(work.read(weight, type))
                    .addiRowVector(work.read(bias, type));
        });
    }

    static Tensor rms(Calls calls, Nd4jTensor x, Nd4jTensor weight, double eps) {
        requireVector(weight, width(x));
        return calls.compute("rmsNorm", x.dtype(), x.layout().shape(), work -> {
            DataType type = Types.computed(x.dtype());
            INDArray rows = work.read(x, type).reshape('c', x.layout().elements() / width(x), width(x));
            INDArray squares = work.own(work.own(rows.mul(rows)).mean(1)).addi(eps);
            INDArray normal = work.own(rows.divColumnVector(Transforms.sqrt(squares, false)));
            INDArray rounded = work.cast(work.cast(normal, Types.stored(x.dtype())), type);
            return work.own(rounded.mulRowVector(work.read(weight, type)));
        });
    }

    /** Rows with mean 0 and variance 1, the variance being the biased one, as a new array. */
    private static INDArray normal(Work work, INDArray rows, double eps) {
        INDArray centred = work.own(rows.subColumnVector(work.own(rows.mean(1))));
        INDArray variance = work.own(work.own(centred.mul(centred)).mean(1)).addi(eps);
        return centred.diviColumnVector(Transforms.sqrt(variance, false));
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
