package io.kinora.tensor.libtorch;

import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Gradients;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch;

/** Computes with libtorch on one device. The operations' mathematics is in the classes beside this one. */
final class LibtorchEngine implements Engine {
    private final NativeDevice device;
    private final NativeCalls calls = new NativeCalls(this);
    private final LibtorchGradients gradients = new LibtorchGradients(calls);

    LibtorchEngine(NativeDevice device) {
        this.device = device;
    }

    @Override
    public String name() {
        return LibtorchProvider.NAME;
    }

    @Override
    public Device device() {
        return device.device();
    }

    @Override
    public Scope scope() {
        return calls.openScope();
    }

    @Override
    public long freeBytes() {
        return device.freeBytes();
    }

    // ---- making

    @Override
    public Tensor zeros(DType dtype, long... sizes) {
        return calls.compute("zeros", () -> torch.zeros(Shape.of(sizes).toArray(), device.options(dtype)));
    }

    @Override
    public Tensor full(double value, DType dtype, long... sizes) {
        return calls.compute("full", () -> Making.full(device, value, dtype, sizes));
    }

    @Override
    public Tensor of(float[] values, long... sizes) {
        return calls.compute("of", () -> Making.of(device, values, Shape.of(sizes)));
    }

    @Override
    public Tensor of(long[] values, long... sizes) {
        return calls.compute("of", () -> Making.of(device, values, Shape.of(sizes)));
    }

    @Override
    public Tensor arange(long from, long to) {
        return calls.compute("arange", () -> Making.arange(device, from, to));
    }

    @Override
    public Tensor copyOf(ByteBuffer bytes, DType dtype, Shape shape) {
        return calls.compute("copyOf", () -> Making.copyOf(device, bytes, dtype, shape));
    }

    @Override
    public Tensor wrap(ByteBuffer bytes, DType dtype, Shape shape) {
        if (!Making.canWrap(device, bytes, dtype)) {
            return copyOf(bytes, dtype, shape);
        }
        return calls.own(
                calls.call("wrap", () -> NativeCalls.retained(Making.wrap(bytes, dtype, shape))), Optional.of(bytes));
    }

    @Override
    public Tensor adopt(Tensor foreign) {
        if (foreign instanceof LibtorchTensor tensor) {
            if (tensor.engine() == this) {
                return tensor;
            }
            // What is computed from a tensor belongs to the scopes of its engine, so on one device, too, it becomes
            // this engine's: as a view.
            return tensor.engine().device().equals(device())
                    ? calls.view("adopt", () -> tensor.at().detach(), tensor)
                    : calls.compute(
                            "adopt",
                            () -> tensor.at()
                                    .to(device.nativeDevice(), tensor.at().scalar_type()),
                            tensor);
        }
        return copyOf(ByteBuffer.wrap(foreign.toBytes()), foreign.dtype(), foreign.shape());
    }

    // ---- joining and picking

    @Override
    public Tensor cat(List<Tensor> parts, int axis) {
        LibtorchTensor[] operands = calls.mine(parts);
        return calls.compute("cat", () -> torch.cat(NativeCalls.vector(operands), axis), operands);
    }

    @Override
    public Tensor stack(List<Tensor> parts, int axis) {
        LibtorchTensor[] operands = calls.mine(parts);
        return calls.compute("stack", () -> torch.stack(NativeCalls.vector(operands), axis), operands);
    }

    @Override
    public Tensor gather(Tensor table, Tensor ids) {
        LibtorchTensor rows = calls.mine(table);
        LibtorchTensor at = calls.mine(ids);
        return calls.compute("gather", () -> Rows.gather(rows.at(), at.at()), rows, at);
    }

    @Override
    public Tensor scatterRows(Tensor table, Tensor ids, Tensor rows) {
        LibtorchTensor into = calls.mine(table);
        LibtorchTensor at = calls.mine(ids);
        LibtorchTensor values = calls.mine(rows);
        return calls.compute("scatterRows", () -> Rows.scatter(into.at(), at.at(), values.at()), into, at, values);
    }

    @Override
    public Tensor where(Tensor mask, Tensor whenTrue, Tensor whenFalse) {
        LibtorchTensor condition = calls.mine(mask);
        LibtorchTensor yes = calls.mine(whenTrue);
        LibtorchTensor no = calls.mine(whenFalse);
        return calls.compute("where", () -> torch.where(condition.at(), yes.at(), no.at()), condition, yes, no);
    }

    // ---- products

    @Override
    public Tensor matmul(Tensor a, Tensor b) {
        LibtorchTensor left = calls.mine(a);
        LibtorchTensor right = calls.mine(b);
        return calls.compute("matmul", () -> torch.matmul(left.at(), right.at()), left, right);
    }

    @Override
    public Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor w = calls.mine(weight);
        return calls.compute(
                "linear", () -> Linears.linear(in.at(), w.at(), calls.present(bias)), calls.with(bias, in, w));
    }

    @Override
    public Tensor linearAdd(Tensor x, Tensor weight, Optional<Tensor> bias, Tensor addend) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor w = calls.mine(weight);
        LibtorchTensor other = calls.mine(addend);
        return calls.compute(
                "linearAdd",
                () -> Linears.linearAdd(in.at(), w.at(), calls.present(bias), other.at()),
                calls.with(bias, in, w, other));
    }

    @Override
    public Tensor linearGeglu(Tensor x, Tensor weight, Optional<Tensor> bias) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor w = calls.mine(weight);
        return calls.compute(
                "linearGeglu",
                () -> Linears.linearGeglu(in.at(), w.at(), calls.present(bias)),
                calls.with(bias, in, w));
    }

    @Override
    public Tensor linear(Tensor x, QuantizedWeight weight, Optional<Tensor> bias) {
        LibtorchTensor in = calls.mine(x);
        LibtorchQuantizedWeight w = LibtorchQuantizedWeight.of(weight);
        return calls.compute(
                "linear",
                () -> w.linear(in.at(), bias.map(present -> calls.mine(present).at())),
                calls.with(bias, in));
    }

    @Override
    public QuantizedWeight quantize(Tensor weight, Quantization scheme) {
        return LibtorchQuantizedWeight.quantize(this, calls.mine(weight), scheme);
    }

    @Override
    public String layout(Quantization scheme) {
        return LibtorchQuantizedWeight.layout(this, scheme);
    }

    @Override
    public QuantizedWeight restore(Quantization scheme, Shape shape, Map<String, Tensor> parts) {
        return LibtorchQuantizedWeight.restore(this, scheme, shape, parts);
    }

    @Override
    public Tensor conv1d(
            Tensor x, Tensor weight, Optional<Tensor> bias, int stride, int padding, int dilation, int groups) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor w = calls.mine(weight);
        return calls.compute(
                "conv1d",
                () -> Convolutions.conv1d(in.at(), w.at(), calls.optional(bias), stride, padding, dilation, groups),
                calls.with(bias, in, w));
    }

    @Override
    public Tensor convTranspose1d(Tensor x, Tensor weight, Optional<Tensor> bias, int stride, int padding) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor w = calls.mine(weight);
        return calls.compute(
                "convTranspose1d",
                () -> Convolutions.convTranspose1d(in.at(), w.at(), calls.optional(bias), stride, padding),
                calls.with(bias, in, w));
    }

    @Override
    public Tensor conv2d(Tensor x, Tensor weight, Optional<Tensor> bias, int stride, int padding) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor w = calls.mine(weight);
        return calls.compute(
                "conv2d",
                () -> Convolutions.conv2d(in.at(), w.at(), calls.optional(bias), stride, padding),
                calls.with(bias, in, w));
    }

    @Override
    public Tensor conv3d(Tensor x, Tensor weight, Optional<Tensor> bias, int padF, int padY, int padX) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor w = calls.mine(weight);
        return calls.compute(
                "conv3d",
                () -> Convolutions.conv3d(in.at(), w.at(), calls.optional(bias), padF, padY, padX),
                calls.with(bias, in, w));
    }

    // ---- norms

    @Override
    public Tensor groupNorm(Tensor x, int groups, Tensor weight, Tensor bias, double eps) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor w = calls.mine(weight);
        LibtorchTensor b = calls.mine(bias);
        return calls.compute("groupNorm", () -> Norms.group(in.at(), groups, w.at(), b.at(), eps), in, w, b);
    }

    @Override
    public Tensor groupNormSilu(Tensor x, int groups, Tensor weight, Tensor bias, double eps) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor w = calls.mine(weight);
        LibtorchTensor b = calls.mine(bias);
        return calls.compute("groupNormSilu", () -> Norms.groupSilu(in.at(), groups, w.at(), b.at(), eps), in, w, b);
    }

    @Override
    public Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor w = calls.mine(weight);
        LibtorchTensor b = calls.mine(bias);
        return calls.compute("layerNorm", () -> Norms.layer(in.at(), w.at(), b.at(), eps), in, w, b);
    }

    @Override
    public Tensor rmsNorm(Tensor x, Tensor weight, double eps) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor w = calls.mine(weight);
        return calls.compute("rmsNorm", () -> Norms.rms(in.at(), w.at(), eps), in, w);
    }

    // ---- attention and gates

    @Override
    public Tensor attention(Tensor q, Tensor k, Tensor v, AttentionMask mask, double scale) {
        LibtorchTensor queries = calls.mine(q);
        LibtorchTensor keys = calls.mine(k);
        LibtorchTensor values = calls.mine(v);
        if (mask instanceof AttentionMask.Bias bias) {
            LibtorchTensor scores = calls.mine(bias.scores());
            return calls.compute(
                    "attention",
                    () -> Attention.biased(queries.at(), keys.at(), values.at(), scores.at(), scale),
                    queries,
                    keys,
                    values,
                    scores);
        }
        boolean causal = mask instanceof AttentionMask.Causal;
        return calls.compute(
                "attention",
                () -> causal
                        ? Attention.causal(queries.at(), keys.at(), values.at(), scale)
                        : Attention.full(queries.at(), keys.at(), values.at(), scale),
                queries,
                keys,
                values);
    }

    @Override
    public Tensor rotary(Tensor x, Tensor cos, Tensor sin) {
        LibtorchTensor in = calls.mine(x);
        LibtorchTensor c = calls.mine(cos);
        LibtorchTensor s = calls.mine(sin);
        return calls.compute("rotary", () -> Gates.rotary(in.at(), c.at(), s.at()), in, c, s);
    }

    @Override
    public Tensor geglu(Tensor x) {
        LibtorchTensor in = calls.mine(x);
        return calls.compute("geglu", () -> Gates.geglu(in.at()), in);
    }

    @Override
    public Tensor swiglu(Tensor gate, Tensor up) {
        LibtorchTensor g = calls.mine(gate);
        LibtorchTensor u = calls.mine(up);
        return calls.compute("swiglu", () -> Gates.swiglu(g.at(), u.at()), g, u);
    }

    // ---- images

    @Override
    public Tensor upsampleNearest(Tensor x, long height, long width) {
        LibtorchTensor in = calls.mine(x);
        return calls.compute("upsampleNearest", () -> Images.nearest(in.at(), height, width), in);
    }

    @Override
    public Tensor upsampleBilinear(Tensor x, long height, long width) {
        LibtorchTensor in = calls.mine(x);
        return calls.compute("upsampleBilinear", () -> Images.bilinear(in.at(), height, width), in);
    }

    @Override
    public Tensor avgPool2d(Tensor x, int window) {
        LibtorchTensor in = calls.mine(x);
        return calls.compute("avgPool2d", () -> torch.avg_pool2d(in.at(), window, window), in);
    }

    @Override
    public Tensor pad(Tensor x, long... beforeAndAfter) {
        LibtorchTensor in = calls.mine(x);
        return calls.compute("pad", () -> torch.constant_pad_nd(in.at(), beforeAndAfter), in);
    }

    @Override
    public Optional<Gradients> gradients() {
        return Optional.of(gradients);
    }

    @Override
    public boolean isRecording() {
        return calls.isRecording();
    }

    @Override
    public void close() {
        device.releaseCached();
    }

    NativeCalls calls() {
        return calls;
    }
}
