package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** A place in an ND4J buffer, given up once. */
final class Nd4jTensor implements Tensor {
    private static final double QUICK_GELU = 1.702;

    private final Nd4jEngine engine;
    private final Calls calls;
    private final Memory memory;
    private final Layout layout;
    private final DType dtype;
    private final AtomicBoolean closed = new AtomicBoolean();
    private Optional<Nd4jScope> owner = Optional.empty();

    Nd4jTensor(Nd4jEngine engine, Memory memory, Layout layout, DType dtype) {
        this.engine = engine;
        this.calls = engine.calls();
        this.memory = memory;
        this.layout = layout;
        this.dtype = dtype;
    }

    void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("this tensor is closed");
        }
    }

    Layout layout() {
        return layout;
    }

    /** A view of ND4J's on this place; it is void once the tensor and its views are closed. */
    INDArray array() {
        requireOpen();
        return Nd4j.create(
                memory.buffer(), layout.sizes(), layout.strides(), layout.offset(), 'c', Types.stored(dtype));
    }

    void ownedBy(Optional<Nd4jScope> scope) {
        owner = scope;
    }

    /** Bytes its elements take. */
    long bytes() {
        return layout.elements() * dtype.bytes();
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    public Shape shape() {
        requireOpen();
        return layout.shape();
    }

    @Override
    public DType dtype() {
        requireOpen();
        return dtype;
    }

    // ---- views and layout

    @Override
    public Tensor reshape(long... sizes) {
        return calls.call(
                "reshape",
                () -> {
                    long[] resolved = layout.resolve(sizes);
                    Optional<Layout> view = layout.reshape(resolved);
                    return view.isPresent() ? at(view.get()) : rowMajor(Shape.of(resolved));
                },
                this);
    }

    @Override
    public Tensor permute(int... axes) {
        return view("permute", () -> layout.permute(axes));
    }

    @Override
    public Tensor transpose(int first, int second) {
        return view("transpose", () -> layout.transpose(first, second));
    }

    @Override
    public Tensor slice(int axis, long from, long to) {
        return view("slice", () -> layout.slice(axis, from, to));
    }

    @Override
    public Tensor select(int axis, long position) {
        return view("select", () -> layout.select(axis, position));
    }

    @Override
    public Tensor unsqueeze(int axis) {
        return view("unsqueeze", () -> layout.unsqueeze(axis));
    }

    @Override
    public Tensor squeeze(int axis) {
        return view("squeeze", () -> layout.squeeze(axis));
    }

    @Override
    public Tensor expand(long... sizes) {
        return view("expand", () -> layout.expand(sizes));
    }

    @Override
    public List<Tensor> chunk(int parts, int axis) {
        return calls.call(
                "chunk",
                () -> {
                    long size = layout.sizes()[layout.axis(axis)];
                    if (parts < 1 || size % parts != 0) {
                        throw new Misfit("axis %d of size %d has no %d equal parts".formatted(axis, size, parts));
                    }
                    List<Tensor> views = new ArrayList<>();
                    for (long from = 0; views.size() < parts; from += size / parts) {
                        views.add(at(layout.slice(axis, from, from + size / parts)));
                    }
                    return views;
                },
                this);
    }

    @Override
    public Tensor contiguous() {
        requireOpen();
        return layout.isRowMajor() ? this : calls.call("contiguous", () -> rowMajor(layout.shape()), this);
    }

    @Override
    public Tensor repeatInterleave(int times, int axis) {
        return calls.call(
                "repeatInterleave",
                () -> {
                    if (times < 0) {
                        throw new Misfit("%d is no number of times".formatted(times));
                    }
                    int at = layout.axis(axis);
                    Layout more = layout.unsqueeze(at + 1);
                    long[] sizes = more.sizes();
                    sizes[at + 1] = times;
                    long[] joined = layout.sizes();
                    joined[at] *= times;
                    return new Nd4jTensor(engine, memory, more.expand(sizes), dtype).rowMajor(Shape.of(joined));
                },
                this);
    }

    /** A copy, row-major, under another shape of as many elements. */
    private Tensor rowMajor(Shape shape) {
        if (shape.elements() == 0) {
            return calls.empty(shape, dtype);
        }
        INDArray copy = Nd4j.createUninitialized(Types.stored(dtype), layout.sizes(), 'c')
                .assign(array());
        return calls.own(Memory.owning(copy.data()), Layout.rowMajor(shape), dtype);
    }

    /** This place under another type of the same width, in the place of this tensor, which is closed. */
    Nd4jTensor as(DType other) {
        Nd4jTensor same = calls.own(memory.shared(), layout, other);
        close();
        return same;
    }

    private Tensor at(Layout place) {
        return calls.own(memory.shared(), place, dtype);
    }

    private Tensor view(String operation, Supplier<Layout> place) {
        return calls.call(operation, () -> at(place.get()), this);
    }

    // ---- types

    @Override
    public Tensor to(DType wanted) {
        requireOpen();
        if (dtype == wanted) {
            return this;
        }
        // ND4J turns 16-bit whole numbers wrongly into halves.
        boolean narrow = wanted == DType.F16 || wanted == DType.BF16;
        boolean viaSingle = Types.isFloat8(dtype) || Types.isFloat8(wanted) || (narrow && !dtype.isFloat());
        DataType through = viaSingle ? DataType.FLOAT : Types.stored(wanted);
        return calls.compute("to", wanted, layout.shape(), work -> work.read(this, through), this);
    }

    // ---- arithmetic

    @Override
    public Tensor add(Tensor other) {
        return pair("add", "add", other);
    }

    @Override
    public Tensor sub(Tensor other) {
        return pair("sub", "subtract", other);
    }

    @Override
    public Tensor mul(Tensor other) {
        return pair("mul", "multiply", other);
    }

    @Override
    public Tensor div(Tensor other) {
        return pair("div", "divide", other);
    }

    private Tensor pair(String operation, String name, Tensor other) {
        Nd4jTensor operand = calls.mine(other);
        return calls.call(
                operation,
                () -> {
                    DType promoted = Types.promote(dtype, operand.dtype);
                    DType result = name.equals("divide") && !promoted.isFloat() ? DType.F32 : promoted;
                    Shape shape = Broadcast.of(layout.shape(), operand.layout.shape());
                    return calls.compute(
                            operation,
                            result,
                            shape,
                            work -> work.pair(
                                    name,
                                    work.read(this, Types.computed(result)),
                                    work.read(operand, Types.computed(result)),
                                    shape.toArray()),
                            this,
                            operand);
                },
                this,
                operand);
    }

    @Override
    public Tensor add(double other) {
        return scalar("add", other, (x, number) -> x.add(number));
    }

    @Override
    public Tensor mul(double other) {
        return scalar("mul", other, (x, number) -> x.mul(number));
    }

    private Tensor scalar(String operation, double number, BiFunction<INDArray, Number, INDArray> body) {
        requireOpen();
        DType result = withNumber(number);
        Number typed = result.isFloat() ? (Number) number : (Number) (long) number;
        return calls.compute(
                operation,
                result,
                layout.shape(),
                work -> work.own(body.apply(work.read(this, Types.computed(result)), typed)),
                this);
    }

    /** A whole number leaves whole numbers whole; another makes them floats. */
    private DType withNumber(double number) {
        return dtype.isFloat() || (dtype.isInteger() && number == Math.rint(number)) ? dtype : DType.F32;
    }

    @Override
    public Tensor exp() {
        return map("exp", (work, x) -> work.own(Transforms.exp(x, true)));
    }

    @Override
    public Tensor log() {
        return map("log", (work, x) -> work.own(Transforms.log(x, true)));
    }

    @Override
    public Tensor sqrt() {
        return map("sqrt", (work, x) -> work.own(Transforms.sqrt(x, true)));
    }

    @Override
    public Tensor sin() {
        return map("sin", (work, x) -> work.own(Transforms.sin(x, true)));
    }

    @Override
    public Tensor cos() {
        return map("cos", (work, x) -> work.own(Transforms.cos(x, true)));
    }

    @Override
    public Tensor clamp(double low, double high) {
        requireOpen();
        DType result = Types.promote(withNumber(low), withNumber(high));
        DataType type = Types.computed(result);
        return calls.compute(
                "clamp",
                result,
                layout.shape(),
                work -> {
                    INDArray raised =
                            work.pair("maximum", work.read(this, type), work.filled(low, type, 1), layout.sizes());
                    return work.pair("minimum", raised, work.filled(high, type, 1), layout.sizes());
                },
                this);
    }

    @Override
    public Tensor round() {
        return map("round", Rounding::toEven);
    }

    @Override
    public Tensor addInPlace(Tensor other) {
        Nd4jTensor operand = calls.mine(other);
        return calls.call(
                "addInPlace",
                () -> {
                    Broadcast.require(operand.layout.shape(), layout.shape());
                    if (layout.elements() > 0) {
                        try (Work work = new Work()) {
                            DataType type = Types.computed(dtype);
                            INDArray sum =
                                    work.pair("add", work.read(this, type), work.read(operand, type), layout.sizes());
                            write(work.cast(sum, Types.stored(dtype)));
                        }
                    }
                    return this;
                },
                this,
                operand);
    }

    @Override
    public Tensor mulInPlace(double other) {
        return calls.call(
                "mulInPlace",
                () -> {
                    if (layout.elements() > 0) {
                        try (Work work = new Work()) {
                            INDArray product = work.own(
                                    work.read(this, Types.computed(dtype)).mul(other));
                            write(work.cast(product, Types.stored(dtype)));
                        }
                    }
                    return this;
                },
                this);
    }

    @Override
    public Tensor copyFrom(Tensor source) {
        Nd4jTensor operand = calls.mine(source);
        return calls.call(
                "copyFrom",
                () -> {
                    Broadcast.require(operand.layout.shape(), layout.shape());
                    if (layout.elements() > 0) {
                        Nd4jTensor typed = (Nd4jTensor) operand.to(dtype);
                        try (Work work = new Work()) {
                            write(work.rows(
                                    new Nd4jTensor(engine, typed.memory, typed.layout.expand(layout.sizes()), dtype)));
                        } finally {
                            if (typed != operand) {
                                typed.close();
                            }
                        }
                    }
                    return this;
                },
                this,
                operand);
    }

    /** Elements of this very type and these sizes, into this place. */
    private void write(INDArray elements) {
        array().assign(elements);
    }

    // ---- activations

    @Override
    public Tensor silu() {
        return map("silu", Work::silu);
    }

    @Override
    public Tensor gelu() {
        return map("gelu", Work::gelu);
    }

    @Override
    public Tensor quickGelu() {
        return map("quickGelu", (work, x) -> work.sigmoid(work.own(x.mul(QUICK_GELU)))
                .muli(x));
    }

    @Override
    public Tensor relu() {
        return map("relu", (work, x) -> work.own(Transforms.relu(x, true)));
    }

    @Override
    public Tensor leakyRelu(double slope) {
        return map("leakyRelu", (work, x) -> work.own(Transforms.leakyRelu(x, slope, true)));
    }

    @Override
    public Tensor sigmoid() {
        return map("sigmoid", Work::sigmoid);
    }

    @Override
    public Tensor tanh() {
        return map("tanh", (work, x) -> work.own(Transforms.tanh(x, true)));
    }

    @Override
    public Tensor softmax(int axis) {
        return calls.call("softmax", () -> along("softmax", layout.axis(axis)), this);
    }

    @Override
    public Tensor logSoftmax(int axis) {
        return calls.call("logSoftmax", () -> along("log_softmax", layout.axis(axis)), this);
    }

    private Tensor along(String name, int axis) {
        requireFloat();
        return map(name, (work, x) -> work.run(name, x.dataType(), x.shape(), new long[] {axis}, x));
    }

    /** Element by element, in a type that ND4J computes; whole numbers become floats. */
    private Tensor map(String operation, Body body) {
        requireOpen();
        DType result = dtype.isFloat() ? dtype : DType.F32;
        return calls.compute(
                operation,
                result,
                layout.shape(),
                work -> body.apply(work, work.read(this, Types.computed(result))),
                this);
    }

    /** What is computed of the elements; it may not write to them. */
    private interface Body {
        INDArray apply(Work work, INDArray x);
    }

    // ---- reductions

    @Override
    public Tensor sum(int axis) {
        requireOpen();
        DType result = dtype.isFloat() ? dtype : DType.I64;
        return reduce("sum", result, axis, (work, x, at) -> work.own(x.sum(at)));
    }

    @Override
    public Tensor mean(int axis) {
        return calls.call(
                "mean",
                () -> {
                    requireFloat();
                    return reduce("mean", dtype, axis, (work, x, at) -> work.own(x.mean(at)));
                },
                this);
    }

    @Override
    public Tensor max(int axis) {
        return calls.call(
                "max",
                () -> {
                    requireSome(axis);
                    return reduce("max", dtype, axis, (work, x, at) -> work.own(x.max(at)));
                },
                this);
    }

    @Override
    public Tensor argmax(int axis) {
        return calls.call(
                "argmax",
                () -> {
                    requireSome(axis);
                    int at = layout.axis(axis);
                    return calls.compute(
                            "argmax",
                            DType.I64,
                            without(at),
                            work -> work.own(Nd4j.argMax(work.read(this, Types.computed(dtype)), at)),
                            this);
                },
                this);
    }

    private interface Reduction {
        INDArray apply(Work work, INDArray x, int axis);
    }

    private Tensor reduce(String operation, DType result, int axis, Reduction body) {
        return calls.call(
                operation,
                () -> {
                    int at = layout.axis(axis);
                    Shape shape = without(at);
                    return calls.compute(
                            operation,
                            result,
                            shape,
                            work -> layout.elements() == 0
                                    ? work.filled(0, Types.computed(result), shape.toArray())
                                    : body.apply(work, work.read(this, Types.computed(result)), at),
                            this);
                },
                this);
    }

    private Shape without(int axis) {
        long[] sizes = layout.sizes();
        long[] rest = new long[sizes.length - 1];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = sizes[i < axis ? i : i + 1];
        }
        return Shape.of(rest);
    }

    private void requireFloat() {
        if (!dtype.isFloat()) {
            throw new Misfit("floating-point numbers are needed");
        }
    }

    private void requireSome(int axis) {
        if (layout.sizes()[layout.axis(axis)] == 0) {
            throw new Misfit("axis %d has no element".formatted(axis));
        }
    }

    @Override
    public TopK topK(int k) {
        return calls.call("topK", () -> TopOf.rows(calls, this, k), this);
    }

    // ---- reading out

    @Override
    public float[] toFloats() {
        requireOpen();
        return HostCopies.floats(this);
    }

    @Override
    public long[] toLongs() {
        requireOpen();
        return HostCopies.longs(this);
    }

    @Override
    public byte[] toBytes() {
        requireOpen();
        return HostCopies.bytes(this);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            memory.release();
            owner.ifPresent(scope -> scope.release(this));
        }
    }

    @Override
    public String toString() {
        return closed.get() ? "closed tensor" : "%s %s on %s".formatted(layout.shape(), dtype, engine.device());
    }
}
