package io.kinora.tensor.nd4j;

import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Matrix products and linear layers. For use inside a call. */
final class Products {
    private Products() {}

    static Tensor matmul(Calls calls, Nd4jTensor a, Nd4jTensor b) {
        sameType(a, b);
        if (a.layout().rank() < 2 || b.layout().rank() < 2) {
            throw new Misfit("a product is of matrices");
        }
        long M = a.dim(-2);
        long K = a.dim(-1);
        long N = b.dim(-1);
        if (b.dim(-2) != K) {
            throw new Misfit("rows of %d meet columns of %d".formatted(K, b.dim(-2)));
        }
        Shape batch = Broadcast.of(leading(a), leading(b));
        Shape shape = joined(batch, M, N);
        long count = batch.elements();
        return calls.compute("matmul", a.dtype(), shape, work -> {
            DataType type = Types.computed(a.dtype());
            if (K == 0) {
                return work.filled(0, type, shape.toArray());
            }
            INDArray left = work.shaped(Joining.repeated(work, work.read(a, type), joined(batch, M, K)), count, M, K);
            INDArray right = work.shaped(Joining.repeated(work, work.read(b, type), joined(batch, K, N)), count, K, N);
            return count == 1
                    ? work.product(work.shaped(left, M, K), work.shaped(right, K, N), false, M, N)
                    : work.product(left, right, false, count, M, N);
        });
    }

    static Tensor linear(Calls calls, Nd4jTensor x, Nd4jTensor weight, Optional<Nd4jTensor> bias) {
        sameType(x, weight);
        bias.ifPresent(b -> sameType(x, b));
        if (weight.layout().rank() != 2 || x.layout().rank() == 0 || x.dim(-1) != weight.dim(1)) {
            throw new Misfit("the last axis is not the weight's second");
        }
        long C = weight.dim(1);
        long O = weight.dim(0);
        requireBias(bias, O);
        long[] sizes = x.layout().sizes();
        sizes[sizes.length - 1] = O;
        return calls.compute("linear", x.dtype(), Shape.of(sizes), work -> {
            DataType type = Types.computed(x.dtype());
            long rows = x.layout().elements() / C;
            INDArray product =
                    work.product(work.shaped(work.read(x, type), rows, C), work.read(weight, type), true, rows, O);
            return withBias(work, product, bias, type);
        });
    }

    /** Rows {@code [R, O]} with a bias {@code [O]} added, in place. */
    static INDArray withBias(Work work, INDArray product, Optional<Nd4jTensor> bias, DataType type) {
        return bias.isPresent() ? work.pairInto("add", product, work.read(bias.get(), type)) : product;
    }

    static void requireBias(Optional<Nd4jTensor> bias, long length) {
        bias.ifPresent(b -> {
            if (b.layout().rank() != 1 || b.dim(0) != length) {
                throw new Misfit("a bias of %d is needed".formatted(length));
            }
        });
    }

    static void sameType(Nd4jTensor a, Nd4jTensor b) {
        if (a.dtype() != b.dtype()) {
            throw new Misfit("%s and %s are two types".formatted(a.dtype(), b.dtype()));
        }
        if (!a.dtype().isFloat() && !a.dtype().isInteger()) {
            throw new Misfit("%s are no numbers".formatted(a.dtype()));
        }
    }

    private static Shape leading(Nd4jTensor matrix) {
        long[] sizes = matrix.layout().sizes();
        return Shape.of(Arrays.copyOf(sizes, sizes.length - 2));
    }

    private static Shape joined(Shape batch, long rows, long columns) {
        long[] sizes = Arrays.copyOf(batch.toArray(), batch.rank() + 2);
        sizes[batch.rank()] = rows;
        sizes[batch.rank() + 1] = columns;
        return Shape.of(sizes);
    }
}
