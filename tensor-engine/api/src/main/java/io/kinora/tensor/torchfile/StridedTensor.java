package io.kinora.tensor.torchfile;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.torchfile.PickleValue.Storage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor as torch describes it: a view of a storage by offset and strides, both counted in elements. */
final class StridedTensor {
    private final DType dtype;
    private final Storage storage;
    private final long storageOffset;
    private final Shape shape;
    private final long[] strides;

    /**
     * A view of a storage.
     *
     * @throws TorchFileException if it does not lie inside the storage
     */
    StridedTensor(DType dtype, Storage storage, long storageOffset, Shape shape, long... strides) {
        this.dtype = dtype;
        this.storage = storage;
        this.storageOffset = storageOffset;
        this.shape = shape;
        this.strides = strides.clone();
        if (strides.length != shape.rank()) {
            throw new TorchFileException("a tensor of shape %s has %d strides".formatted(shape, strides.length));
        }
        long elements = storage.bytes() / dtype.bytes();
        if (storageOffset < 0 || storageOffset > elements || lastElement() >= elements) {
            throw new TorchFileException(
                    "a tensor of shape %s begins at element %d of storage %s and leaves it: it has %d"
                            .formatted(shape, storageOffset, PickleInput.shortened(storage.key()), elements));
        }
    }

    DType dtype() {
        return dtype;
    }

    Storage storage() {
        return storage;
    }

    /** Bytes from the storage's begin to the tensor's first element. */
    long offsetBytes() {
        return storageOffset * dtype.bytes();
    }

    Shape shape() {
        return shape;
    }

    /** True if the elements follow each other row-major. */
    boolean isContiguous() {
        long expected = 1;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            if (shape.dim(axis) != 1 && strides[axis] != expected) {
                return isEmpty();
            }
            expected *= shape.dim(axis);
        }
        return true;
    }

    /** Bytes of the storage from the tensor's first element to the end of its last. */
    long spanBytes() {
        return isEmpty() ? 0 : (lastElement() - storageOffset + 1) * dtype.bytes();
    }

    /** Copies the elements, row-major, out of the tensor's span. */
    ByteBuffer gather(ByteBuffer span, int bytes) {
        ByteBuffer gathered = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (!isEmpty()) {
            gather(span, 0, 0, gathered);
        }
        return gathered.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private void gather(ByteBuffer span, long from, int axis, ByteBuffer gathered) {
        if (axis < shape.rank() - 1) {
            for (long i = 0; i < shape.dim(axis); i++) {
                gather(span, from + i * strides[axis] * dtype.bytes(), axis + 1, gathered);
            }
            return;
        }
        long count = axis < shape.rank() ? shape.dim(axis) : 1;
        int step = axis < shape.rank() ? (int) strides[axis] * dtype.bytes() : 0;
        int at = (int) from;
        for (long i = 0; i < count; i++, at += step) {
            switch (dtype.bytes()) {
                case 1 -> gathered.put(span.get(at));
                case 2 -> gathered.putShort(span.getShort(at));
                case 4 -> gathered.putInt(span.getInt(at));
                default -> gathered.putLong(span.getLong(at));
            }
        }
    }

    private boolean isEmpty() {
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (shape.dim(axis) == 0) {
                return true;
            }
        }
        return false;
    }

    private long lastElement() {
        if (isEmpty()) {
            return storageOffset - 1;
        }
        long last = storageOffset;
        try {
            for (int axis = 0; axis < shape.rank(); axis++) {
                if (strides[axis] < 0) {
                    throw new TorchFileException("a tensor of shape %s has a negative stride".formatted(shape));
                }
                last = Math.addExact(last, Math.multiplyExact(shape.dim(axis) - 1, strides[axis]));
            }
        } catch (ArithmeticException e) {
            throw new TorchFileException("a tensor of shape %s has strides beyond all storages".formatted(shape), e);
        }
        return last;
    }
}
