package io.kinora.model.checkpoint;

import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Tensor;

/**
 * A matrix in fewer bits.
 *
 * @param weight the matrix; whoever is given it closes it
 * @param dtype the type that it had, in which its module computes
 */
public record ReducedMatrix(QuantizedWeight weight, DType dtype) {
    /** Of a full matrix, which is freed. */
    static ReducedMatrix of(Tensor full, Quantization scheme) {
        ReducedMatrix reduced = new ReducedMatrix(full.engine().quantize(full, scheme), full.dtype());
        full.close();
        return reduced;
    }
}
