package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.bytedeco.javacpp.PointerScope;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Swish;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One operation's arrays and calls of ND4J. All that is made here is freed at its end, but for the one array that is taken as the result.
 *
 * <p>Only operations that make nothing by themselves are called: their results are made here beforehand. ND4J's own arithmetic on arrays
 * ({@code x.mul(2)}, {@code x.mean(1)}) leaves numbers, axes and results behind that nobody can reach.
 */
final class Work implements AutoCloseable {
    private static final long[] NONE = {};

    private final Set<DataBuffer> made = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<DataBuffer> views = new ArrayList<>();

    // ---- arrays

    /** The elements of a tensor in a type, row-major; the tensor's own memory where it is that already. */
    INDArray read(Nd4jTensor tensor, DataType type) {
        INDArray rows = rows(tensor);
        if (Types.isFloat8(tensor.dtype())) {
            INDArray codes = shaped(cast(rows, DataType.INT32), rows.length());
            INDArray table = floats(Float8.values(tensor.dtype()));
            INDArray wide = run("gather", DataType.FLOAT, codes.shape(), new long[] {0}, table, codes);
            return cast(shaped(wide, rows.shape()), type);
        }
        return cast(rows, type);
    }

    /** The elements of a tensor as they are stored, row-major. */
    INDArray rows(Nd4jTensor tensor) {
        INDArray array = of(tensor);
        return tensor.layout().isRowMajor() ? array : copy(array);
    }

    /** A tensor's own place. */
    INDArray of(Nd4jTensor tensor) {
        return at(tensor, tensor.layout());
    }

    /** Another place in a tensor's memory. */
    INDArray at(Nd4jTensor tensor, Layout place) {
        return known(tensor.array(place), tensor.buffer());
    }

    /** A place in a row-major array, counted from its first element. */
    INDArray view(INDArray rows, Layout place) {
        return known(
                Nd4j.create(
                        rows.data(),
                        place.sizes(),
                        place.strides(),
                        rows.offset() + place.offset(),
                        'c',
                        rows.dataType()),
                rows.data());
    }

    /** A row-major array under other sizes. */
    INDArray shaped(INDArray rows, long... sizes) {
        return view(rows, Layout.rowMajor(Shape.of(sizes)));
    }

    /** The elements of a row-major array taken for those of another type as wide, to be given to a call: the array itself still says its old type. */
    INDArray as(INDArray rows, DataType type) {
        long[] sizes = rows.shape();
        return known(
                Nd4j.create(rows.data(), sizes, Layout.rowMajor(Shape.of(sizes)).strides(), rows.offset(), 'c', type),
                rows.data());
    }

    private INDArray known(INDArray view, DataBuffer of) {
        if (view.data() != of) {
            views.add(view.data());
        }
        return view;
    }

    INDArray make(DataType type, long... sizes) {
        INDArray array = Nd4j.createUninitialized(type, sizes, 'c');
        made.add(array.data());
        return array;
    }

    INDArray cast(INDArray array, DataType type) {
        return array.dataType() == type ? array : copy(array, type, array.shape());
    }

    /** Row-major. */
    INDArray copy(INDArray array) {
        return copy(array, array.dataType(), array.shape());
    }

    private INDArray copy(INDArray array, DataType type, long... sizes) {
        return make(type, sizes).assign(array);
    }

    INDArray filled(double value, DataType type, long... sizes) {
        INDArray array = make(type, sizes);
        if (array.length() == 1) {
            array.data().put(0, value);
            return array;
        }
        call("assign", NONE, new INDArray[] {array, number(value, type)}, array);
        return array;
    }

    /** One number without axes, to be taken together with an array of any size. */
    INDArray number(double value, DataType type) {
        INDArray array = make(type);
        array.data().put(0, value);
        return array;
    }

    INDArray longs(long... values) {
        INDArray array = make(DataType.INT64, values.length);
        HostCopies.write(values, array.data());
        return array;
    }

    INDArray doubles(double... values) {
        INDArray array = make(DataType.DOUBLE, values.length);
        HostCopies.write(values, array.data());
        return array;
    }

    INDArray floats(float... values) {
        INDArray array = make(DataType.FLOAT, values.length);
        HostCopies.write(values, array.data());
        return array;
    }

    // ---- calls

    /** One of ND4J's declared operations with whole-number arguments and one result. */
    INDArray run(String name, DataType type, long[] sizes, long[] arguments, INDArray... inputs) {
        INDArray result = make(type, sizes);
        call(name, arguments, inputs, result);
        return result;
    }

    /** One of ND4J's declared operations, into arrays that are there. */
    void call(String name, long[] arguments, INDArray[] inputs, INDArray... outputs) {
        call(name, true, arguments, inputs, outputs);
    }

    /** With or without the help of oneDNN, where ND4J has it. */
    void call(String name, boolean helped, long[] arguments, INDArray[] inputs, INDArray... outputs) {
        DynamicCustomOp operation = DynamicCustomOp.builder(name).build();
        OpContext context = Nd4j.getExecutioner().buildContext();
        try {
            for (int i = 0; i < inputs.length; i++) {
                context.setInputArray(i, inputs[i]);
            }
            for (int i = 0; i < outputs.length; i++) {
                context.setOutputArray(i, outputs[i]);
            }
            // For the copy of the arguments that ND4J hands over and never frees.
            try (PointerScope handed = new PointerScope()) {
                context.setIArguments(arguments);
            }
            context.allowHelpers(helped);
            Nd4j.getExecutioner().exec(operation, context);
        } finally {
            Bookkeeping.free(context);
        }
    }

    /** One of ND4J's transformations, element by element. */
    INDArray each(INDArray x, BiFunction<INDArray, INDArray, Op> transformation) {
        return eachInto(x, make(x.dataType(), x.shape()), transformation);
    }

    INDArray eachInto(INDArray x, INDArray result, BiFunction<INDArray, INDArray, Op> transformation) {
        Nd4j.getExecutioner().exec(transformation.apply(x, result));
        return result;
    }

    /** {@code add}, {@code subtract}, {@code multiply}, {@code divide}, {@code maximum} …, broadcast to sizes that are known. */
    INDArray pair(String name, INDArray a, INDArray b, long... sizes) {
        return run(name, a.dataType(), sizes, NONE, a, b);
    }

    /** {@link #pair} in the place of the first, whose sizes the result has. */
    INDArray pairInto(String name, INDArray a, INDArray b) {
        call(name, NONE, new INDArray[] {a, b}, a);
        return a;
    }

    /** {@link #pairInto} with one number. */
    INDArray pairInto(String name, INDArray a, double number) {
        return pairInto(name, a, number(number, a.dataType()));
    }

    /** {@code reduce_mean}, {@code reduce_sum} … along the last axis, which stays with size 1. */
    INDArray alongLast(String name, INDArray x) {
        long[] rest = x.shape().clone(); // ND4J gives out its own
        rest[rest.length - 1] = 1;
        INDArray result =
                run(name, x.dataType(), Arrays.copyOf(rest, rest.length - 1), new long[] {rest.length - 1}, x);
        return shaped(result, rest);
    }

    /** The sum of each row {@code [R, N]}, {@code [R, 1]}: as a product, which goes to BLAS and is ten times faster than ND4J's own. */
    INDArray rowSums(INDArray rows) {
        return weighted(rows, 1);
    }

    /** The mean of each row {@code [R, N]}, {@code [R, 1]}. */
    INDArray rowMeans(INDArray rows) {
        return weighted(rows, 1.0 / rows.size(1));
    }

    private INDArray weighted(INDArray rows, double weight) {
        long N = rows.size(1);
        return product(rows, filled(weight, rows.dataType(), N, 1), false, rows.size(0), 1);
    }

    /** {@code a · bᵀ} or {@code a · b} of equally many matrices. */
    INDArray product(INDArray a, INDArray b, boolean transposeSecond, long... sizes) {
        return run("matmul", a.dataType(), sizes, new long[] {0, transposeSecond ? 1 : 0, 0}, a, b);
    }

    INDArray sigmoid(INDArray x) {
        return run("sigmoid", x.dataType(), x.shape(), NONE, x);
    }

    /** x · Φ(x), exact. */
    INDArray gelu(INDArray x) {
        INDArray scaled = pair("multiply", x, number(Math.sqrt(0.5), x.dataType()), x.shape());
        INDArray erf = eachInto(scaled, scaled, Erf::new);
        return pairInto("multiply", pairInto("multiply", pairInto("add", erf, 1), x), 0.5);
    }

    INDArray silu(INDArray x) {
        return each(x, Swish::new);
    }

    INDArray softmax(INDArray x, int axis) {
        return run("softmax", x.dataType(), x.shape(), new long[] {axis}, x);
    }

    // ---- results

    /** The elements of a row-major array under a shape and in a type, as a new tensor. */
    Nd4jTensor result(Calls calls, INDArray array, Shape shape, DType dtype) {
        boolean encode = Types.isFloat8(dtype) && array.dataType() != DataType.UINT8; // bytes are codes already
        INDArray typed = encode ? float8(array, dtype) : cast(array, Types.stored(dtype));
        DataBuffer mine =
                made.contains(typed.data()) ? typed.data() : copy(typed).data();
        made.remove(mine);
        return calls.own(Memory.owning(mine), Layout.rowMajor(shape), dtype);
    }

    private INDArray float8(INDArray array, DType dtype) {
        float[] values = HostCopies.floats(cast(array, DataType.FLOAT));
        byte[] codes = new byte[values.length];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = Float8.encode(values[i], dtype);
        }
        INDArray bytes = make(DataType.UINT8, array.shape());
        HostCopies.write(codes, bytes.data());
        return bytes;
    }

    @Override
    public void close() {
        views.forEach(Bookkeeping::forget);
        made.forEach(Bookkeeping::free);
        views.clear();
        made.clear();
    }
}
