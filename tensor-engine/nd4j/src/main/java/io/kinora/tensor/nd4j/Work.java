package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * One operation's arrays. All that are made here are freed at its end, but for the one that is taken as the result. Arrays are row-major.
 */
final class Work implements AutoCloseable {
    private final Set<INDArray> made = Collections.newSetFromMap(new IdentityHashMap<>());

    /** The elements of a tensor in a type, row-major; the tensor's own memory where it is that already. */
    INDArray read(Nd4jTensor tensor, DataType type) {
        INDArray rows = rows(tensor);
        if (Types.isFloat8(tensor.dtype())) {
            INDArray table = own(Nd4j.createFromArray(Float8.values(tensor.dtype())));
            INDArray codes = own(rows.castTo(DataType.INT32)).reshape(-1);
            INDArray wide = run("gather", DataType.FLOAT, codes.shape(), new long[] {0}, table, codes);
            return cast(wide.reshape('c', rows.shape()), type);
        }
        return cast(rows, type);
    }

    /** The elements of a tensor as they are stored, row-major. */
    INDArray rows(Nd4jTensor tensor) {
        return tensor.layout().isRowMajor()
                ? tensor.array()
                : own(tensor.array().dup('c'));
    }

    INDArray cast(INDArray array, DataType type) {
        return array.dataType() == type ? array : own(array.castTo(type));
    }

    /** An array that is freed here. */
    INDArray own(INDArray array) {
        made.add(array);
        return array;
    }

    INDArray make(DataType type, long... sizes) {
        return own(Nd4j.createUninitialized(type, sizes, 'c'));
    }

    INDArray filled(double value, DataType type, long... sizes) {
        INDArray array = make(type, sizes);
        array.assign(value);
        return array;
    }

    /** One of ND4J's declared operations with whole-number arguments and one result. */
    INDArray run(String name, DataType type, long[] sizes, long[] arguments, INDArray... inputs) {
        INDArray result = make(type, sizes);
        Nd4j.exec(DynamicCustomOp.builder(name)
                .addInputs(inputs)
                .addOutputs(result)
                .addIntegerArguments(asInts(arguments))
                .build());
        return result;
    }

    /** {@code add}, {@code subtract}, {@code multiply} or {@code divide}, broadcast to sizes that are known. */
    INDArray pair(String name, INDArray a, INDArray b, long... sizes) {
        INDArray result = make(a.dataType(), sizes);
        Nd4j.exec(
                DynamicCustomOp.builder(name).addInputs(a, b).addOutputs(result).build());
        return result;
    }

    /** {@code a · bᵀ} or {@code a · b} of equally many matrices. */
    INDArray product(INDArray a, INDArray b, boolean transposeSecond, long... sizes) {
        return run("matmul", a.dataType(), sizes, new long[] {0, transposeSecond ? 1 : 0, 0}, a, b);
    }

    INDArray sigmoid(INDArray x) {
        return own(Transforms.sigmoid(x, true));
    }

    /** x · Φ(x), exact. */
    INDArray gelu(INDArray x) {
        INDArray erf = make(x.dataType(), x.shape());
        INDArray scaled = own(x.mul(Math.sqrt(0.5)));
        Nd4j.getExecutioner().exec(new org.nd4j.linalg.api.ops.impl.transforms.strict.Erf(scaled, erf));
        return erf.addi(1).muli(x).muli(0.5);
    }

    INDArray silu(INDArray x) {
        return sigmoid(x).muli(x);
    }

    INDArray softmax(INDArray x, int axis) {
        return run("softmax", x.dataType(), x.shape(), new long[] {axis}, x);
    }

    /** The elements of a row-major array under a shape and in a type, as a new tensor. */
    Nd4jTensor result(Calls calls, INDArray array, Shape shape, DType dtype) {
        boolean encode = Types.isFloat8(dtype) && array.dataType() != DataType.UINT8; // bytes are codes already
        INDArray typed = encode ? float8(array, dtype) : cast(array, Types.stored(dtype));
        boolean plain = made.contains(typed) && typed.ordering() == 'c' && typed.offset() == 0 && !typed.isView();
        INDArray mine = plain
                ? typed
                : Nd4j.createUninitialized(typed.dataType(), typed.shape(), 'c').assign(typed);
        made.remove(mine);
        return calls.own(Memory.owning(mine.data()), Layout.rowMajor(shape), dtype);
    }

    private INDArray float8(INDArray array, DType dtype) {
        INDArray floats = cast(array, DataType.FLOAT);
        float[] values = own(floats.dup('c')).data().asFloat();
        byte[] codes = new byte[values.length];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = Float8.encode(values[i], dtype);
        }
        INDArray bytes = make(DataType.UINT8, array.shape());
        HostCopies.write(codes, bytes.data());
        return bytes;
    }

    private static int[] asInts(long... values) {
        int[] ints = new int[values.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = Math.toIntExact(values[i]);
        }
        return ints;
    }

    @Override
    public void close() {
        for (INDArray array : made) {
            if (!array.wasClosed() && array.closeable()) {
                array.close();
            }
        }
        made.clear();
    }
}
