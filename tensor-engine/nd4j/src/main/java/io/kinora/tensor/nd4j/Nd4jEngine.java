package io.kinora.tensor.nd4j;

import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/** Computes with ND4J. The operations' mathematics is in the classes beside this one. */
final class Nd4jEngine implements Engine {
    private final Device device;
    private final Calls calls = new Calls(this);

    Nd4jEngine(Device device) {
        this.device = device;
    }

    @Override
    public String name() {
        return Nd4jProvider.NAME;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Scope scope() {
        return calls.openScope();
    }

    @Override
    public long freeBytes() {
        return Pointer.availablePhysicalBytes();
    }

    // ---- making

    @Override
    public Tensor zeros(DType dtype, long... sizes) {
        return full(0, dtype, sizes);
    }

    @Override
    public Tensor full(double value, DType dtype, long... sizes) {
        Shape shape = Shape.of(sizes);
        return calls.call("full", () -> Making.full(calls, value, dtype, shape));
    }

    @Override
    public Tensor of(float[] values, long... sizes) {
        return calls.call("of", () -> Making.of(calls, values, Shape.of(sizes)));
    }

    @Override
    public Tensor of(long[] values, long... sizes) {
        return calls.call("of", () -> Making.of(calls, values, Shape.of(sizes)));
    }

    @Override
    public Tensor arange(long from, long to) {
        return calls.call("arange", () -> Making.arange(calls, from, to));
    }

    @Override
    public Tensor copyOf(ByteBuffer bytes, DType dtype, Shape shape) {
        return calls.call("copyOf", () -> Making.copyOf(calls, bytes, dtype, shape));
    }

    @Override
    public Tensor wrap(ByteBuffer bytes, DType dtype, Shape shape) {
        return calls.call(
                "wrap",
                () -> device.equals(Device.CPU)
                        ? Making.wrap(calls, bytes, dtype, shape)
                        : Making.copyOf(calls, bytes, dtype, shape));
    }

    @Override
    public Tensor adopt(Tensor foreign) {
        if (foreign instanceof Nd4jTensor mine) {
            return mine.engine() == this ? mine : calls.call("adopt", () -> mine.viewIn(calls), mine);
        }
        return copyOf(ByteBuffer.wrap(foreign.toBytes()), foreign.dtype(), foreign.shape());
    }

    // ---- joining and picking

    @Override
    public Tensor cat(List<Tensor> parts, int axis) {
        Nd4jTensor[] operands = calls.mine(parts);
        return calls.call("cat", () -> Joining.cat(calls, List.of(operands), axis), operands);
    }

    @Override
    public Tensor stack(List<Tensor> parts, int axis) {
        Nd4jTensor[] operands = calls.mine(parts);
        return calls.call(
                "stack",
                () -> {
                    List<Nd4jTensor> rows = Stream.of(operands)
                            .map(part -> (Nd4jTensor) part.unsqueeze(axis))
                            .toList();
                    try {
                        return Joining.cat(calls, rows, axis);
                    } finally {
                        rows.forEach(Tensor::close);
                    }
                },
                operands);
    }

    @Override
    public Tensor gather(Tensor table, Tensor ids) {
        Nd4jTensor rows = calls.mine(table);
        Nd4jTensor at = calls.mine(ids);
        return calls.call("gather", () -> Joining.gather(calls, rows, at), rows, at);
    }

    @Override
    public Tensor scatterRows(Tensor table, Tensor ids, Tensor rows) {
        Nd4jTensor into = calls.mine(table);
        Nd4jTensor at = calls.mine(ids);
        Nd4jTensor values = calls.mine(rows);
        return calls.call("scatterRows", () -> Joining.scatter(calls, into, at, values), into, at, values);
    }

    @Override
    public Tensor where(Tensor mask, Tensor whenTrue, Tensor whenFalse) {
        Nd4jTensor condition = calls.mine(mask);
        Nd4jTensor yes = calls.mine(whenTrue);
        Nd4jTensor no = calls.mine(whenFalse);
        return calls.call("where", () -> Joining.where(calls, condition, yes, no), condition, yes, no);
    }

    // ---- products

    @Override
    public Tensor matmul(Tensor a, Tensor b) {
        Nd4jTensor left = calls.mine(a);
        Nd4jTensor right = calls.mine(b);
        return calls.call("matmul", () -> Products.matmul(calls, left, right), left, right);
    }

    @Override
    public Tensor linear(Tensor x, Tensor weight, Optional<Tensor> bias) {
        Nd4jTensor in = calls.mine(x);
        Nd4jTensor w = calls.mine(weight);
        return calls.call(
                "linear", () -> Products.linear(calls, in, w, bias.map(calls::mine)), calls.with(bias, in, w));
    }

    @Override
    public Tensor linear(Tensor x, QuantizedWeight weight, Optional<Tensor> bias) {
        Nd4jTensor in = calls.mine(x);
        Nd4jQuantizedWeight w = Nd4jQuantizedWeight.of(weight);
        return calls.call("linear", () -> w.linear(in, bias.map(calls::mine)), calls.with(bias, in));
    }

    @Override
    public QuantizedWeight quantize(Tensor weight, Quantization scheme) {
        Nd4jTensor w = calls.mine(weight);
        return calls.call("quantize", () -> Nd4jQuantizedWeight.quantize(calls, w, scheme), w);
    }

    @Override
    public String layout(Quantization scheme) {
        return Nd4jQuantizedWeight.layout(name(), scheme);
    }

    @Override
    public QuantizedWeight restore(Quantization scheme, Shape shape, Map<String, Tensor> parts) {
        return Nd4jQuantizedWeight.restore(calls, scheme, shape, parts);
    }

    @Override
    public Tensor conv1d(
            Tensor x, Tensor weight, Optional<Tensor> bias, int stride, int padding, int dilation, int groups) {
        Nd4jTensor in = calls.mine(x);
        Nd4jTensor w = calls.mine(weight);
        return calls.call(
                "conv1d",
                () -> Convolutions.conv1d(calls, in, w, bias.map(calls::mine), stride, padding, dilation, groups),
                calls.with(bias, in, w));
    }

    @Override
    public Tensor convTranspose1d(Tensor x, Tensor weight, Optional<Tensor> bias, int stride, int padding) {
        Nd4jTensor in = calls.mine(x);
        Nd4jTensor w = calls.mine(weight);
        return calls.call(
                "convTranspose1d",
                () -> Convolutions.convTranspose1d(calls, in, w, bias.map(calls::mine), stride, padding),
                calls.with(bias, in, w));
    }

    @Override
    public Tensor conv2d(Tensor x, Tensor weight, Optional<Tensor> bias, int stride, int padding) {
        Nd4jTensor in = calls.mine(x);
        Nd4jTensor w = calls.mine(weight);
        return calls.call(
                "conv2d",
                () -> Convolutions.conv2d(calls, in, w, bias.map(calls::mine), stride, padding),
                calls.with(bias, in, w));
    }

    @Override
    public Tensor conv3d(Tensor x, Tensor weight, Optional<Tensor> bias, int padF, int padY, int padX) {
        Nd4jTensor in = calls.mine(x);
        Nd4jTensor w = calls.mine(weight);
        return calls.call(
                "conv3d",
                () -> Convolutions.conv3d(calls, in, w, bias.map(calls::mine), padF, padY, padX),
                calls.with(bias, in, w));
    }

    // ---- norms

    @Override
    public Tensor groupNorm(Tensor x, int groups, Tensor weight, Tensor bias, double eps) {
        return group("groupNorm", x, groups, weight, bias, eps);
    }

    @Override
    public Tensor groupNormSilu(Tensor x, int groups, Tensor weight, Tensor bias, double eps) {
        return group("groupNormSilu", x, groups, weight, bias, eps);
    }

    private Tensor group(String operation, Tensor x, int groups, Tensor weight, Tensor bias, double eps) {
        Nd4jTensor in = calls.mine(x);
        Nd4jTensor w = calls.mine(weight);
        Nd4jTensor b = calls.mine(bias);
        return calls.call(operation, () -> Norms.group(calls, operation, in, groups, w, b, eps), in, w, b);
    }

    @Override
    public Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
        Nd4jTensor in = calls.mine(x);
        Nd4jTensor w = calls.mine(weight);
        Nd4jTensor b = calls.mine(bias);
        return calls.call("layerNorm", () -> Norms.layer(calls, in, w, b, eps), in, w, b);
    }

    @Override
    public Tensor rmsNorm(Tensor x, Tensor weight, double eps) {
        Nd4jTensor in = calls.mine(x);
        Nd4jTensor w = calls.mine(weight);
        return calls.call("rmsNorm", () -> Norms.rms(calls, in, w, eps), in, w);
    }

    // ---- attention and gates

    @Override
    public Tensor attention(Tensor q, Tensor k, Tensor v, AttentionMask mask, double scale) {
        Nd4jTensor queries = calls.mine(q);
        Nd4jTensor keys = calls.mine(k);
        Nd4jTensor values = calls.mine(v);
        Optional<Tensor> scores =
                mask instanceof AttentionMask.Bias bias ? Optional.of(bias.scores()) : Optional.empty();
        return calls.call(
                "attention",
                () -> Attention.of(calls, queries, keys, values, mask, scale),
                calls.with(scores, queries, keys, values));
    }

    @Override
    public Tensor rotary(Tensor x, Tensor cos, Tensor sin) {
        Nd4jTensor in = calls.mine(x);
        Nd4jTensor c = calls.mine(cos);
        Nd4jTensor s = calls.mine(sin);
        return calls.call("rotary", () -> Gates.rotary(calls, in, c, s), in, c, s);
    }

    @Override
    public Tensor geglu(Tensor x) {
        Nd4jTensor in = calls.mine(x);
        return calls.call("geglu", () -> Gates.geglu(calls, in), in);
    }

    @Override
    public Tensor swiglu(Tensor gate, Tensor up) {
        Nd4jTensor g = calls.mine(gate);
        Nd4jTensor u = calls.mine(up);
        return calls.call("swiglu", () -> Gates.swiglu(calls, g, u), g, u);
    }

    // ---- images

    @Override
    public Tensor upsampleNearest(Tensor x, long height, long width) {
        Nd4jTensor in = calls.mine(x);
        return calls.call("upsampleNearest", () -> Images.nearest(calls, in, height, width), in);
    }

    @Override
    public Tensor upsampleBilinear(Tensor x, long height, long width) {
        Nd4jTensor in = calls.mine(x);
        return calls.call("upsampleBilinear", () -> Images.bilinear(calls, in, height, width), in);
    }

    @Override
    public Tensor avgPool2d(Tensor x, int window) {
        Nd4jTensor in = calls.mine(x);
        return calls.call("avgPool2d", () -> Images.averagePool(calls, in, window), in);
    }

    @Override
    public Tensor pad(Tensor x, long... beforeAndAfter) {
        Nd4jTensor in = calls.mine(x);
        return calls.call("pad", () -> Joining.pad(calls, in, beforeAndAfter), in);
    }

    @Override
    public void close() {
        // ND4J keeps nothing for an engine: its library is the process's.
    }

    Calls calls() {
        return calls;
    }
}
