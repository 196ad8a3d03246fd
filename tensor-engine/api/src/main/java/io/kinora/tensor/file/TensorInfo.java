package io.kinora.tensor.file;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import java.util.Objects;

/**
 * What a file says about one tensor, before any of it is read.
 *
 * @param dtype element type as stored
 * @param shape sizes of the axes
 * @param offset position in the file of the tensor's first element, in bytes
 */
public record TensorInfo(DType dtype, Shape shape, long offset) {
    /** Checks that the tensor's size in bytes can be told in a long, and that it begins in the file. */
    public TensorInfo {
        Objects.requireNonNull(dtype);
        Objects.requireNonNull(shape);
        if (offset < 0) {
            throw new IllegalArgumentException("a tensor cannot begin at offset " + offset);
        }
        bytes(dtype, shape);
    }

    /** Bytes of the elements laid out row-major. */
    public long bytes() {
        return bytes(dtype, shape);
    }

    /**
     * Bytes of a tensor of that type and shape, laid out row-major.
     *
     * @throws IllegalArgumentException if it does not fit a long
     */
    public static long bytes(DType dtype, Shape shape) {
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (shape.dim(axis) == 0) {
                return 0;
            }
        }
        try {
            return Math.multiplyExact(shape.elements(), dtype.bytes());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "%s of shape %s has more bytes than a long counts".formatted(dtype, shape), e);
        }
    }
}
