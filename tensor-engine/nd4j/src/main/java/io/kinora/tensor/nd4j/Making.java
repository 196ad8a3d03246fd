package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.javacpp.indexer.Bfloat16Indexer;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.bytedeco.javacpp.indexer.LongIndexer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Tensors from numbers and bytes. For use inside a call. */
final class Making {
    private Making() {}

    static Tensor full(Calls calls, double value, DType dtype, Shape shape) {
        DataType type = Types.isFloat8(dtype) ? DataType.FLOAT : Types.stored(dtype);
        return calls.compute("full", dtype, shape, work -> work.filled(value, type, shape.toArray()));
    }

    static Tensor of(Calls calls, float[] values, Shape shape) {
        requireElements(values.length, shape);
        return calls.compute("of", DType.F32, shape, work -> {
            INDArray array = work.make(DataType.FLOAT, shape.toArray());
            HostCopies.write(values, array.data());
            return array;
        });
    }

    static Tensor of(Calls calls, long[] values, Shape shape) {
        requireElements(values.length, shape);
        return calls.compute("of", DType.I64, shape, work -> {
            INDArray array = work.make(DataType.INT64, shape.toArray());
            HostCopies.write(values, array.data());
            return array;
        });
    }

    static Tensor arange(Calls calls, long from, long to) {
        if (to < from) {
            throw new Misfit("the end %2$d is before the start %1$d".formatted(from, to));
        }
        long[] values = new long[Math.toIntExact(to - from)];
        for (int i = 0; i < values.length; i++) {
            values[i] = from + i;
        }
        return of(calls, values, Shape.of(values.length));
    }

    static Tensor copyOf(Calls calls, ByteBuffer bytes, DType dtype, Shape shape) {
        requireBytes(bytes, dtype, shape);
        if (shape.elements() == 0) {
            return calls.empty(shape, dtype);
        }
        // A boolean's byte is 0 or 1 to ND4J; a file may hold any.
        DataType type = dtype == DType.BOOL ? DataType.UINT8 : Types.stored(dtype);
        try (Work work = new Work()) {
            INDArray array = work.make(type, shape.toArray());
            HostCopies.write(bytes, array.data());
            if (Types.isFloat8(dtype)) {
                Nd4jTensor codes = work.result(calls, array, shape, DType.U8);
                return codes.as(dtype);
            }
            return work.result(calls, array, shape, dtype);
        }
    }

    /** A tensor over a direct buffer's own memory, where ND4J can be told of it; else a copy. */
    static Tensor wrap(Calls calls, ByteBuffer bytes, DType dtype, Shape shape) {
        requireBytes(bytes, dtype, shape);
        if (!bytes.isDirect() || !bytes.hasRemaining()) {
            return copyOf(calls, bytes, dtype, shape);
        }
        BytePointer start = new BytePointer(bytes.slice());
        if (start.address() % dtype.bytes() != 0) {
            return copyOf(calls, bytes, dtype, shape);
        }
        return over(start, dtype, shape.elements())
                .<Tensor>map(buffer -> calls.own(Memory.over(buffer, bytes), Layout.rowMajor(shape), dtype))
                .orElseGet(() -> copyOf(calls, bytes, dtype, shape));
    }

    /** A buffer of ND4J's over memory of somebody else's, for the types that weights and ids have. */
    private static Optional<DataBuffer> over(BytePointer start, DType dtype, long count) {
        return switch (dtype) {
            case F32 -> {
                FloatPointer floats = new FloatPointer(start).capacity(count);
                yield Optional.of(Nd4j.createBuffer(floats, DataType.FLOAT, count, FloatIndexer.create(floats)));
            }
            case F64 -> {
                DoublePointer doubles = new DoublePointer(start).capacity(count);
                yield Optional.of(Nd4j.createBuffer(doubles, DataType.DOUBLE, count, DoubleIndexer.create(doubles)));
            }
            case I64 -> {
                LongPointer longs = new LongPointer(start).capacity(count);
                yield Optional.of(Nd4j.createBuffer(longs, DataType.INT64, count, LongIndexer.create(longs)));
            }
            case F16 -> {
                ShortPointer halves = new ShortPointer(start).capacity(count);
                yield Optional.of(Nd4j.createBuffer(halves, DataType.FLOAT16, count, HalfIndexer.create(halves)));
            }
            case BF16 -> {
                ShortPointer halves = new ShortPointer(start).capacity(count);
                yield Optional.of(Nd4j.createBuffer(halves, DataType.BFLOAT16, count, Bfloat16Indexer.create(halves)));
            }
            default -> Optional.empty();
        };
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
