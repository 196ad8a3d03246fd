package io.kinora.tensor.libtorch;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.Map;

/** The parts that a quantised weight is restored from, checked as they are asked for. */
record QuantizedParts(NativeCalls calls, Map<String, Tensor> tensors) {
    // The kernels load whole vectors from where they expect libtorch's own allocator to have put them.
    private static final long ALIGNMENT = 64;

    LibtorchTensor part(String name, DType dtype, Shape shape) {
        Tensor part = tensors.get(name);
        if (part == null) {
            throw new ShapeException("restore of a quantised weight: no part is called %s, there are %s"
                    .formatted(name, tensors.keySet()));
        }
        if (part.dtype() != dtype || !part.shape().equals(shape)) {
            throw new ShapeException("restore of a quantised weight: %s is %s %s, expected %s %s"
                    .formatted(name, part.shape(), part.dtype(), shape, dtype));
        }
        LibtorchTensor mine = calls.mine(part);
        if (mine.at().is_cpu() && mine.at().data_ptr().address() % ALIGNMENT != 0) {
            LibtorchTensor copy =
                    calls.computeForever("restore", () -> mine.at().clone(), mine);
            mine.close();
            return copy;
        }
        return mine;
    }
}
