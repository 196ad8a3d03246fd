package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.ShapeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Elements between Java and ND4J's buffers. */
final class HostCopies {
    private HostCopies() {}

    static float[] floats(Nd4jTensor tensor) {
        requireArray(tensor);
        if (tensor.layout().elements() == 0) {
            return new float[0];
        }
        try (Work work = new Work()) {
            return floats(plain(work, work.read(tensor, DataType.FLOAT)));
        }
    }

    /** The elements of a row-major array in single precision whose buffer begins with them. */
    static float[] floats(INDArray plain) {
        float[] values = new float[Math.toIntExact(plain.length())];
        bytes(plain)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer()
                .get(values);
        return values;
    }

    static double[] doubles(Nd4jTensor tensor) {
        requireArray(tensor);
        if (tensor.layout().elements() == 0) {
            return new double[0];
        }
        try (Work work = new Work()) {
            INDArray plain = plain(work, work.read(tensor, DataType.DOUBLE));
            double[] values = new double[Math.toIntExact(plain.length())];
            bytes(plain)
                    .asByteBuffer()
                    .order(ByteOrder.nativeOrder())
                    .asDoubleBuffer()
                    .get(values);
            return values;
        }
    }

    static long[] longs(Nd4jTensor tensor) {
        if (tensor.dtype().isFloat()) {
            throw new ShapeException(
                    "toLongs of %s: an integer or boolean tensor is needed".formatted(Calls.describe(tensor)));
        }
        requireArray(tensor);
        if (tensor.layout().elements() == 0) {
            return new long[0];
        }
        try (Work work = new Work()) {
            INDArray plain = plain(work, work.read(tensor, DataType.INT64));
            long[] values = new long[Math.toIntExact(plain.length())];
            bytes(plain)
                    .asByteBuffer()
                    .order(ByteOrder.nativeOrder())
                    .asLongBuffer()
                    .get(values);
            return values;
        }
    }

    static byte[] bytes(Nd4jTensor tensor) {
        requireArray(tensor);
        if (tensor.layout().elements() == 0) {
            return new byte[0];
        }
        try (Work work = new Work()) {
            BytePointer from = bytes(plain(work, work.rows(tensor)));
            byte[] values = new byte[Math.toIntExact(from.capacity())];
            from.get(values);
            return values;
        }
    }

    /** An array whose elements begin where its buffer does. */
    private static INDArray plain(Work work, INDArray rows) {
        return rows.offset() == 0 ? rows : work.copy(rows);
    }

    private static BytePointer bytes(INDArray plain) {
        Nd4j.getExecutioner().commit();
        long size = plain.length() * plain.dataType().width();
        return new BytePointer(plain.data().pointer()).capacity(size);
    }

    static void write(double[] values, DataBuffer into) {
        new DoublePointer(into.pointer()).put(values);
    }

    static void write(float[] values, DataBuffer into) {
        new FloatPointer(into.pointer()).put(values);
    }

    static void write(long[] values, DataBuffer into) {
        new LongPointer(into.pointer()).put(values);
    }

    static void write(byte[] values, DataBuffer into) {
        new BytePointer(into.pointer()).capacity(values.length).put(values);
    }

    /** Copies a buffer's remaining bytes; its position stays. */
    static void write(ByteBuffer values, DataBuffer into) {
        BytePointer target = new BytePointer(into.pointer()).capacity(values.remaining());
        if (values.isDirect()) {
            Pointer.memcpy(target, new BytePointer(values.slice()), values.remaining());
            return;
        }
        target.asByteBuffer().put(values.duplicate());
    }

    private static void requireArray(Nd4jTensor tensor) {
        DType dtype = tensor.dtype();
        if (Math.multiplyExact(tensor.layout().elements(), dtype.bytes()) > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "a tensor of shape %s does not fit into a Java array; read slices of it".formatted(tensor.shape()));
        }
    }
}
