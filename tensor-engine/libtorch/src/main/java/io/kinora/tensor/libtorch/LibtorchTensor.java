package io.kinora.tensor.libtorch;

import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Shape;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.global.torch;

/** One reference to a libtorch tensor, freed once. */
final class LibtorchTensor implements Tensor {
    private final LibtorchEngine engine;
    private final NativeCalls calls;
    private final AtomicReference<org.bytedeco.pytorch.Tensor> handle;
    // What must stay reachable while this memory is read: the buffer under a wrapped tensor and its views.
    private final Optional<Object> memory;
    private Optional<LibtorchScope> owner = Optional.empty();
    private int slot;

    LibtorchTensor(LibtorchEngine engine, org.bytedeco.pytorch.Tensor handle, Optional<Object> memory) {
        this.engine = engine;
        this.calls = engine.calls();
        this.handle = new AtomicReference<>(handle);
        this.memory = memory;
    }

    /** The native tensor, which stays this object's. */
    org.bytedeco.pytorch.Tensor at() {
        org.bytedeco.pytorch.Tensor open = handle.get();
        if (open == null) {
            throw new IllegalStateException("this tensor is closed");
        }
        return open;
    }

    Optional<Object> memory() {
        return memory;
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    public Shape shape() {
        org.bytedeco.pytorch.Tensor open = at();
        long[] sizes = new long[(int) open.dim()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = open.size(i);
        }
        return Shape.of(sizes);
    }

    @Override
    public int rank() {
        return (int) at().dim();
    }

    @Override
    public DType dtype() {
        return ScalarTypes.of(at().scalar_type());
    }

    // ---- views and layout

    @Override
    public Tensor reshape(long... sizes) {
        return view("reshape", t -> t.reshape(sizes));
    }

    @Override
    public Tensor permute(int... axes) {
        return view("permute", t -> t.permute(asLongs(axes)));
    }

    @Override
    public Tensor transpose(int first, int second) {
        return view("transpose", t -> t.transpose(first, second));
    }

    @Override
    public Tensor slice(int axis, long from, long to) {
        return view("slice", t -> t.narrow(axis, from, to - from));
    }

    @Override
    public Tensor select(int axis, long position) {
        return view("select", t -> t.select(axis, position));
    }

    @Override
    public Tensor unsqueeze(int axis) {
        return view("unsqueeze", t -> t.unsqueeze(axis));
    }

    @Override
    public Tensor squeeze(int axis) {
        return view("squeeze", t -> {
            if (t.size(axis) != 1) {
                throw new ShapeException(
                        "squeeze of %s: axis %d has size %d, not 1".formatted(shape(), axis, t.size(axis)));
            }
            return t.squeeze(axis);
        });
    }

    @Override
    public Tensor expand(long... sizes) {
        return view("expand", t -> t.expand(sizes));
    }

    @Override
    public List<Tensor> chunk(int parts, int axis) {
        if (axis < -rank() || axis >= rank()) {
            throw new ShapeException("chunk of %s: there is no axis %d".formatted(shape(), axis));
        }
        long size = dim(axis);
        if (parts < 1 || size % parts != 0) {
            throw new ShapeException("chunk of %s: axis %d has size %d, which is not divisible into %d parts"
                    .formatted(shape(), axis, size, parts));
        }
        long each = size / parts;
        return IntStream.range(0, parts)
                .mapToObj(part -> slice(axis, part * each, (part + 1) * each))
                .toList();
    }

    @Override
    public Tensor contiguous() {
        return at().is_contiguous() ? this : unary("contiguous", t -> t.contiguous());
    }

    @Override
    public Tensor repeatInterleave(int times, int axis) {
        return unary("repeatInterleave", t -> t.repeat_interleave(times, new LongOptional(axis), new LongOptional()));
    }

    // ---- types

    @Override
    public Tensor to(DType dtype) {
        return dtype() == dtype ? this : unary("to", t -> t.to(ScalarTypes.of(dtype)));
    }

    // ---- arithmetic

    @Override
    public Tensor add(Tensor other) {
        return binary("add", other, (a, b) -> a.add(b));
    }

    @Override
    public Tensor add(double other) {
        return unary("add", t -> t.add(scalar(other)));
    }

    @Override
    public Tensor sub(Tensor other) {
        return binary("sub", other, (a, b) -> a.sub(b));
    }

    @Override
    public Tensor mul(Tensor other) {
        return binary("mul", other, (a, b) -> a.mul(b));
    }

    @Override
    public Tensor mul(double other) {
        return unary("mul", t -> t.mul(scalar(other)));
    }

    @Override
    public Tensor div(Tensor other) {
        return binary("div", other, (a, b) -> a.div(b));
    }

    @Override
    public Tensor exp() {
        return unary("exp", torch::exp);
    }

    @Override
    public Tensor log() {
        return unary("log", torch::log);
    }

    @Override
    public Tensor sqrt() {
        return unary("sqrt", torch::sqrt);
    }

    @Override
    public Tensor sin() {
        return unary("sin", torch::sin);
    }

    @Override
    public Tensor cos() {
        return unary("cos", torch::cos);
    }

    @Override
    public Tensor clamp(double low, double high) {
        return unary("clamp", t -> torch.clamp(t, new ScalarOptional(scalar(low)), new ScalarOptional(scalar(high))));
    }

    @Override
    public Tensor round() {
        return unary("round", t -> torch.round(t));
    }

    @Override
    public Tensor addInPlace(Tensor other) {
        LibtorchTensor operand = calls.mine(other);
        return inPlace("addInPlace", t -> t.add_(operand.at()), this, operand);
    }

    @Override
    public Tensor mulInPlace(double other) {
        return inPlace("mulInPlace", t -> t.mul_(scalar(other)), this);
    }

    @Override
    public Tensor copyFrom(Tensor source) {
        LibtorchTensor operand = calls.mine(source);
        return inPlace("copyFrom", t -> t.copy_(operand.at()), this, operand);
    }

    // ---- activations

    @Override
    public Tensor silu() {
        return unary("silu", t -> torch.silu(t));
    }

    @Override
    public Tensor gelu() {
        return unary("gelu", t -> torch.gelu(t));
    }

    @Override
    public Tensor quickGelu() {
        return unary("quickGelu", Gates::quickGelu);
    }

    @Override
    public Tensor relu() {
        return unary("relu", t -> torch.relu(t));
    }

    @Override
    public Tensor leakyRelu(double slope) {
        return unary("leakyRelu", t -> torch.leaky_relu(t, new Scalar(slope)));
    }

    @Override
    public Tensor sigmoid() {
        return unary("sigmoid", torch::sigmoid);
    }

    @Override
    public Tensor tanh() {
        return unary("tanh", torch::tanh);
    }

    @Override
    public Tensor softmax(int axis) {
        return unary("softmax", t -> t.softmax(axis));
    }

    @Override
    public Tensor logSoftmax(int axis) {
        return unary("logSoftmax", t -> t.log_softmax(axis));
    }

    // ---- reductions

    @Override
    public Tensor sum(int axis) {
        return unary("sum", t -> t.sum(axis));
    }

    @Override
    public Tensor mean(int axis) {
        return unary("mean", t -> t.mean(axis));
    }

    @Override
    public Tensor max(int axis) {
        return unary("max", t -> t.amax(new long[] {axis}, false));
    }

    @Override
    public Tensor argmax(int axis) {
        return unary("argmax", t -> t.argmax(new LongOptional(axis), false));
    }

    @Override
    public TopK topK(int k) {
        record Pair(org.bytedeco.pytorch.Tensor values, org.bytedeco.pytorch.Tensor positions) {}
        Pair pair = calls.call(
                "topK",
                () -> {
                    T_TensorTensor_T made = torch.topk(at(), k, -1, true, true);
                    return new Pair(NativeCalls.retained(made.get0()), NativeCalls.retained(made.get1()));
                },
                this);
        return new TopK(calls.own(pair.values(), Optional.empty()), calls.own(pair.positions(), Optional.empty()));
    }

    // ---- reading out

    @Override
    public float[] toFloats() {
        return HostCopies.floats(this);
    }

    @Override
    public long[] toLongs() {
        return HostCopies.longs(this);
    }

    @Override
    public byte[] toBytes() {
        return HostCopies.bytes(this);
    }

    @Override
    public void close() {
        org.bytedeco.pytorch.Tensor last = handle.getAndSet(null);
        if (last != null) {
            last.close();
            owner.ifPresent(scope -> scope.release(this));
        }
    }

    /** What {@link #close} does, without telling the scope, which is ending. */
    void freeWithScope() {
        owner = Optional.empty();
        close();
    }

    /** Bytes its elements take. */
    long bytes() {
        return shape().elements() * dtype().bytes();
    }

    boolean isOwnedBy(LibtorchScope scope) {
        return owner.isPresent() && owner.get() == scope;
    }

    void ownedBy(LibtorchScope scope, int at) {
        owner = Optional.of(scope);
        slot = at;
    }

    void ownedByNobody() {
        owner = Optional.empty();
    }

    int slot() {
        return slot;
    }

    @Override
    public String toString() {
        return handle.get() == null ? "closed tensor" : "%s %s on %s".formatted(shape(), dtype(), engine.device());
    }

    private Tensor unary(String operation, UnaryOperator<org.bytedeco.pytorch.Tensor> body) {
        return calls.compute(operation, () -> body.apply(at()), this);
    }

    private Tensor binary(String operation, Tensor other, BinaryOperator<org.bytedeco.pytorch.Tensor> body) {
        LibtorchTensor operand = calls.mine(other);
        return calls.compute(operation, () -> body.apply(at(), operand.at()), this, operand);
    }

    private Tensor view(String operation, UnaryOperator<org.bytedeco.pytorch.Tensor> body) {
        return calls.view(operation, () -> body.apply(at()), this);
    }

    private Tensor inPlace(
            String operation, UnaryOperator<org.bytedeco.pytorch.Tensor> body, LibtorchTensor... operands) {
        calls.call(operation, () -> body.apply(at()), operands);
        return this;
    }

    // A whole number leaves an integer tensor an integer tensor; libtorch would promote it for a floating-point number.
    private Scalar scalar(double value) {
        return dtype().isInteger() && value == Math.rint(value) ? new Scalar((long) value) : new Scalar(value);
    }

    private static long[] asLongs(int... axes) {
        return Arrays.stream(axes).asLongStream().toArray();
    }
}
