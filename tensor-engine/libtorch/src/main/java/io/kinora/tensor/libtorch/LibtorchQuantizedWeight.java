package io.kinora.tensor.libtorch;

import io.kinora.tensor.Device;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Shape;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A weight in few bits and the linear layer on it. */
final class LibtorchQuantizedWeight implements QuantizedWeight {
    private final LibtorchEngine engine;
    private final Quantization scheme;
    private final Shape shape;
    private final WeightCodes codes;

    private LibtorchQuantizedWeight(LibtorchEngine engine, Quantization scheme, Shape shape, WeightCodes codes) {
        this.engine = engine;
        this.scheme = scheme;
        this.shape = shape;
        this.codes = codes;
    }

    /** The weight as this engine's own. */
    static LibtorchQuantizedWeight of(QuantizedWeight weight) {
        if (weight instanceof LibtorchQuantizedWeight mine) {
            return mine;
        }
        throw new IllegalArgumentException("this weight was quantised by another engine");
    }

    static LibtorchQuantizedWeight quantize(LibtorchEngine engine, LibtorchTensor weight, Quantization scheme) {
        Shape shape = weight.shape();
        if (!weight.dtype().isFloat()) {
            throw new ShapeException("quantize of %s: a floating-point weight [O, C] is needed"
                    .formatted(NativeErrors.describe(weight)));
        }
        requireDivisible("quantize", shape, scheme);
        if (scheme instanceof Quantization.Int4Groups groups) {
            WeightCodes codes = Int4Codes.of(engine.calls(), weight, groups.groupSize());
            return new LibtorchQuantizedWeight(engine, scheme, shape, codes);
        }
        return new LibtorchQuantizedWeight(engine, scheme, shape, int8(engine, Int8Codes.of(engine.calls(), weight)));
    }

    static LibtorchQuantizedWeight restore(
            LibtorchEngine engine, Quantization scheme, Shape shape, Map<String, Tensor> tensors) {
        requireDivisible("restore", shape, scheme);
        QuantizedParts parts = new QuantizedParts(engine.calls(), tensors);
        if (scheme instanceof Quantization.Int4Groups groups) {
            WeightCodes codes = Int4Codes.of(engine.calls(), shape, groups.groupSize(), isCpu(engine), parts);
            return new LibtorchQuantizedWeight(engine, scheme, shape, codes);
        }
        return new LibtorchQuantizedWeight(engine, scheme, shape, int8(engine, Int8Codes.of(shape, parts)));
    }

    // On a CPU that has the kernels for it, in their layout.
    private static WeightCodes int8(LibtorchEngine engine, Int8Codes codes) {
        return isCpu(engine) && engine.calls().call("quantize", IntegerProduct::isExact)
                ? PackedInt8Codes.of(engine.calls(), codes)
                : codes;
    }

    static String layout(LibtorchEngine engine, Quantization scheme) {
        String codes = scheme instanceof Quantization.Int4Groups groups
                ? Int4Codes.layout(engine.calls(), groups.groupSize(), isCpu(engine))
                : Int8Codes.layout();
        return engine.name() + " " + codes;
    }

    private static void requireDivisible(String operation, Shape shape, Quantization scheme) {
        if (shape.rank() != 2) {
            throw new ShapeException("%s of %s: a weight [O, C] is needed".formatted(operation, shape));
        }
        if (scheme instanceof Quantization.Int4Groups groups && shape.dim(1) % groups.groupSize() != 0) {
            throw new ShapeException("%s of %s: %d input channels are not divisible into groups of %d"
                    .formatted(operation, shape, shape.dim(1), groups.groupSize()));
        }
    }

    private static boolean isCpu(LibtorchEngine engine) {
        return engine.device().kind() == Device.Kind.CPU;
    }

    @Override
    public Map<String, Tensor> parts() {
        return codes.parts();
    }

    @Override
    public Quantization scheme() {
        return scheme;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public long bytes() {
        return codes.bytes();
    }

    @Override
    public Tensor dequantize() {
        return engine.calls().compute("dequantize", codes::weight);
    }

    /** For use inside a call: {@code x Wᵀ + b}. */
    org.bytedeco.pytorch.Tensor linear(org.bytedeco.pytorch.Tensor x, Optional<org.bytedeco.pytorch.Tensor> bias) {
        long O = shape.dim(0);
        long C = shape.dim(1);
        if (x.dim() == 0 || x.size(-1) != C) {
            throw new Misfit("the quantised weight is %s and takes %d channels".formatted(shape, C));
        }
        if (bias.isPresent() && (bias.get().dim() != 1 || bias.get().size(0) != O)) {
            throw new Misfit("the quantised weight is %s and takes a bias of %d".formatted(shape, O));
        }
        ScalarType type = x.scalar_type().intern();
        // Half precision has no quick product on the CPU.
        ScalarType inside = type == ScalarType.Half && x.is_cpu() ? ScalarType.Float : type;
        org.bytedeco.pytorch.Tensor product =
                codes.product(x.reshape(-1, C).to(inside)).to(type);
        org.bytedeco.pytorch.Tensor sum = bias.map(product::add).orElse(product);
        long[] sizes = new long[(int) x.dim()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = i == sizes.length - 1 ? O : x.size(i);
        }
        return sum.reshape(sizes);
    }

    @Override
    public void close() {
        codes.close();
    }
}
