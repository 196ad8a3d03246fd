package io.kinora.tensor.libtorch;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Tensors from numbers and bytes. For use inside a call. */
final class Making {
    private Making() {}

    static Tensor full(NativeDevice device, double value, DType dtype, long... sizes) {
        // An integer goes in as one: a double holds no more than 53 bits of it, and some integer fills refuse doubles.
        boolean whole = dtype.isInteger() && value == Math.rint(value);
        return torch.full(
                Shape.of(sizes).toArray(), whole ? new Scalar((long) value) : new Scalar(value), device.options(dtype));
    }

    static Tensor of(NativeDevice device, float[] values, Shape shape) {
        requireElements(values.length, shape);
        Tensor host = onHost(DType.F32, shape);
        if (values.length > 0) {
            new FloatPointer(host.data_ptr()).put(values);
        }
        return onDevice(device, host);
    }

    static Tensor of(NativeDevice device, long[] values, Shape shape) {
        requireElements(values.length, shape);
        Tensor host = onHost(DType.I64, shape);
        if (values.length > 0) {
            new LongPointer(host.data_ptr()).put(values);
        }
        return onDevice(device, host);
    }

    static Tensor arange(NativeDevice device, long from, long to) {
        if (to < from) {
            throw new Misfit("the end %2$d is before the start %1$d".formatted(from, to));
        }
        return torch.arange(new Scalar(from), new Scalar(to), device.options(DType.I64));
    }

    static Tensor copyOf(NativeDevice device, ByteBuffer bytes, DType dtype, Shape shape) {
        requireBytes(bytes, dtype, shape);
        Tensor host = onHost(dtype == DType.BOOL ? DType.U8 : dtype, shape);
        if (bytes.hasRemaining()) {
            copy(bytes, host.data_ptr());
        }
        // libtorch takes a boolean's byte to be 0 or 1; a file may hold any.
        return onDevice(device, dtype == DType.BOOL ? host.to(ScalarType.Bool) : host);
    }

    /** True if {@link #wrap} can use the buffer's own memory. */
    static boolean canWrap(NativeDevice device, ByteBuffer bytes, DType dtype) {
        return device.isCpu()
                && bytes.isDirect()
                && dtype != DType.BOOL
                && bytes.hasRemaining()
                && start(bytes).address() % dtype.bytes() == 0;
    }

    static Tensor wrap(ByteBuffer bytes, DType dtype, Shape shape) {
        requireBytes(bytes, dtype, shape);
        return torch.from_blob(start(bytes), shape.toArray(), new TensorOptions(ScalarTypes.of(dtype)));
    }

    private static void copy(ByteBuffer bytes, Pointer to) {
        if (bytes.isDirect()) {
            Pointer.memcpy(to, start(bytes), bytes.remaining());
        } else if (bytes.hasArray()) {
            new BytePointer(to).put(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        } else {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            new BytePointer(to).put(copy);
        }
    }

    // A slice, so that the pointer starts at the buffer's position on every version of JavaCPP.
    private static BytePointer start(ByteBuffer bytes) {
        return new BytePointer(bytes.slice());
    }

    private static Tensor onHost(DType dtype, Shape shape) {
        return torch.empty(shape.toArray(), new TensorOptions(ScalarTypes.of(dtype)), null);
    }

    private static Tensor onDevice(NativeDevice device, Tensor host) {
        return device.isCpu() ? host : host.to(device.nativeDevice(), host.scalar_type());
    }

    private static void requireElements(int count, Shape shape) {
        if (shape.elements() != count) {
            throw new Misfit(
                    "%d values do not fill shape %s, which has %d elements".formatted(count, shape, shape.elements()));
        }
    }

    private static void requireBytes(ByteBuffer bytes, DType dtype, Shape shape) {
        long needed = Math.multiplyExact(shape.elements(), dtype.bytes());
        if (bytes.remaining() != needed) {
            throw new Misfit("%d bytes do not fill shape %s of %s, which takes %d"
                    .formatted(bytes.remaining(), shape, dtype, needed));
        }
    }
}
