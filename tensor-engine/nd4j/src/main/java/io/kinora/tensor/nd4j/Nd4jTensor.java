package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Cos;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.GELU;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Log;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Rint;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sin;
import org.nd4j.linalg.factory.Nd4j;

/** A place in an ND4J buffer, given up once. */
final class Nd4jTensor implements Tensor {
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

    /** An array of ND4J's on some place of this memory. Where it does not begin with the buffer, its data is to be forgotten. */
    INDArray array(Layout place) {
        requireOpen();
        return Nd4j.create(memory.buffer(), place.sizes(), place.strides(), place.offset(), 'c', Types.stored(dtype));
    }

    /** An array on this place for whoever wants one; it is void once the tensor and its views are closed. */
    INDArray lend() {
        INDArray array = array(layout);
        memory.lend(array.data());
        return array;
    }

    DataBuffer buffer() {
        return memory.buffer();
    }

    /** Another place in this memory, which no scope owns; for as long as this tensor is open. */
    Nd4jTensor seen(Layout place) {
        return new Nd4jTensor(engine, memory, place, dtype);
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
                "chunk", () -> layout.chunks(parts, axis).stream().map(this::at).toList(), this);
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
                    Layout repeated = layout.repeatEach(times, axis);
                    long[] joined = layout.sizes();
                    joined[layout.axis(axis)] *= times;
                    return seen(repeated).rowMajor(Shape.of(joined));
                },
                this);
    }

    /** A copy, row-major, under another shape of as many elements. */
    private Tensor rowMajor(Shape shape) {
        if (shape.elements() == 0) {
            return calls.empty(shape, dtype);
        }
        try (Work work = new Work()) {
            return work.result(calls, work.copy(work.of(this)), shape, dtype);
        }
    }

    /** This place under another type of the same width, in the place of this tensor, which is closed. */
    Nd4jTensor as(DType other) {
        Nd4jTensor same = calls.own(memory.shared(), layout, other);
        close();
        return same;
    }

    /** This place as a tensor of another engine's. */
    Tensor viewIn(Calls other) {
        return other.own(memory.shared(), layout, dtype);
    }

    private Tensor at(Layout place) {
        return calls.own(memory.shared(), place, dtype);
    }

    private Tensor view(String operation, Supplier<Layout> place) {
        return calls.call(operation, () -> at(place.get()), this);
    }

    // ---- types and arithmetic

    @Override
    public Tensor to(DType wanted) {
        requireOpen();
        return dtype == wanted ? this : Elementwise.to(calls, this, wanted);
    }

    @Override
    public Tensor add(Tensor other) {
        return Elementwise.pair(calls, "add", "add", this, calls.mine(other));
    }

    @Override
    public Tensor sub(Tensor other) {
        return Elementwise.pair(calls, "sub", "subtract", this, calls.mine(other));
    }

    @Override
    public Tensor mul(Tensor other) {
        return Elementwise.pair(calls, "mul", "multiply", this, calls.mine(other));
    }

    @Override
    public Tensor div(Tensor other) {
        return Elementwise.pair(calls, "div", "divide", this, calls.mine(other));
    }

    @Override
    public Tensor add(double other) {
        return Elementwise.scalar(calls, "add", "add", this, other);
    }

    @Override
    public Tensor mul(double other) {
        return Elementwise.scalar(calls, "mul", "multiply", this, other);
    }

    @Override
    public Tensor exp() {
        return Elementwise.map(calls, "exp", this, (work, x) -> work.each(x, Exp::new));
    }

    @Override
    public Tensor log() {
        return Elementwise.map(calls, "log", this, (work, x) -> work.each(x, Log::new));
    }

    @Override
    public Tensor sqrt() {
        return Elementwise.map(calls, "sqrt", this, (work, x) -> work.each(x, Sqrt::new));
    }

    @Override
    public Tensor sin() {
        return Elementwise.map(calls, "sin", this, (work, x) -> work.each(x, Sin::new));
    }

    @Override
    public Tensor cos() {
        return Elementwise.map(calls, "cos", this, (work, x) -> work.each(x, Cos::new));
    }

    @Override
    public Tensor round() {
        return Elementwise.map(calls, "round", this, (work, x) -> work.each(x, Rint::new));
    }

    /** ND4J's GELU is the approximation by a sigmoid. */
    @Override
    public Tensor quickGelu() {
        return Elementwise.map(calls, "quickGelu", this, (work, x) -> work.each(x, GELU::new));
    }

    @Override
    public Tensor clamp(double low, double high) {
        return Elementwise.clamp(calls, this, low, high);
    }

    @Override
    public Tensor addInPlace(Tensor other) {
        return Elementwise.addInPlace(calls, this, calls.mine(other));
    }

    @Override
    public Tensor mulInPlace(double other) {
        return Elementwise.mulInPlace(calls, this, other);
    }

    @Override
    public Tensor copyFrom(Tensor source) {
        return Elementwise.copy(calls, this, calls.mine(source));
    }

    // ---- activations

    @Override
    public Tensor silu() {
        return Elementwise.map(calls, "silu", this, Work::silu);
    }

    @Override
    public Tensor gelu() {
        return Elementwise.map(calls, "gelu", this, Work::gelu);
    }

    @Override
    public Tensor relu() {
        return Elementwise.map(
                calls, "relu", this, (work, x) -> work.pair("maximum", x, work.number(0, x.dataType()), x.shape()));
    }

    @Override
    public Tensor leakyRelu(double slope) {
        return Elementwise.leakyRelu(calls, this, slope);
    }

    @Override
    public Tensor sigmoid() {
        return Elementwise.map(calls, "sigmoid", this, Work::sigmoid);
    }

    @Override
    public Tensor tanh() {
        return Elementwise.map(
                calls, "tanh", this, (work, x) -> work.run("tanh", x.dataType(), x.shape(), new long[0], x));
    }

    @Override
    public Tensor softmax(int axis) {
        return Elementwise.softmax(calls, this, axis);
    }

    @Override
    public Tensor logSoftmax(int axis) {
        return Elementwise.logSoftmax(calls, this, axis);
    }

    // ---- reductions

    @Override
    public Tensor sum(int axis) {
        return Reductions.sum(calls, this, axis);
    }

    @Override
    public Tensor mean(int axis) {
        return Reductions.mean(calls, this, axis);
    }

    @Override
    public Tensor max(int axis) {
        return Reductions.max(calls, this, axis);
    }

    @Override
    public Tensor argmax(int axis) {
        return Reductions.argmax(calls, this, axis);
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
