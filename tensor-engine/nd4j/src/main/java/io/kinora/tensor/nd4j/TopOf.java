package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The largest elements of rows. For use inside a call. */
final class TopOf {
    private TopOf() {}

    static Tensor.TopK rows(Calls calls, Nd4jTensor x, int k) {
        Layout layout = x.layout();
        if (layout.rank() == 0 || k < 0 || k > layout.sizes()[layout.rank() - 1]) {
            throw new Misfit("there are no %d elements in a row".formatted(k));
        }
        long[] sizes = layout.sizes();
        sizes[sizes.length - 1] = k;
        Shape shape = Shape.of(sizes);
        if (shape.elements() == 0) {
            return new Tensor.TopK(calls.empty(shape, x.dtype()), calls.empty(shape, DType.I64));
        }
        try (Work work = new Work()) {
            INDArray in = work.read(x, Types.computed(x.dtype()));
            INDArray values = work.make(in.dataType(), sizes);
            INDArray positions = work.make(DataType.INT64, sizes);
            work.call("top_k", new long[] {k, 1}, new INDArray[] {in}, values, positions);
            return new Tensor.TopK(
                    work.result(calls, values, shape, x.dtype()), work.result(calls, positions, shape, DType.I64));
        }
    }
}
