package io.kinora.tensor.libtorch;

import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Shape;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Codes, scales and offsets of a weight: {@code weight ≈ codes · scale + offset}, group by group. */
final class LibtorchQuantizedWeight implements QuantizedWeight {
    private static final int INT8_LIMIT = 127;
    private static final int INT4_LEVELS = 15;

    private final LibtorchEngine engine;
    private final Quantization scheme;
    private final Shape shape;
    private final LibtorchTensor codes; // int8: I8 [O, C]; int4: U8 [O, C/2], two codes a byte, the even channel low
    private final LibtorchTensor scales; // F32 [O, 1], [O, C/group, 1]
    private final LibtorchTensor offsets; // F32, as scales

    private LibtorchQuantizedWeight(
            LibtorchEngine engine,
            Quantization scheme,
            Shape shape,
            LibtorchTensor codes,
            LibtorchTensor scales,
            LibtorchTensor offsets) {
        this.engine = engine;
        this.scheme = scheme;
        this.shape = shape;
        this.codes = codes;
        this.scales = scales;
        this.offsets = offsets;
    }

    static LibtorchQuantizedWeight of(QuantizedWeight weight) {
        if (weight instanceof LibtorchQuantizedWeight mine) {
            return mine;
        }
        throw new IllegalArgumentException("this weight was quantised by another engine");
    }

    static LibtorchQuantizedWeight quantize(LibtorchEngine engine, LibtorchTensor weight, Quantization scheme) {
        Shape shape = weight.shape();
        if (shape.rank() != 2) {
            throw new ShapeException("quantize: a weight is [O, C], got " + shape);
        }
        return scheme instanceof Quantization.Int4Groups groups
                ? int4(engine, weight, groups)
                : int8(engine, weight, scheme);
    }

    private static LibtorchQuantizedWeight int8(LibtorchEngine engine, LibtorchTensor weight, Quantization scheme) {
        NativeCalls calls = engine.calls();
        LibtorchTensor scales = calls.compute(
                "quantize",
                () -> torch.clamp(
                                weight.at().to(ScalarType.Float).abs().amax(new long[] {1}, true),
                                new ScalarOptional(new Scalar(Float.MIN_NORMAL)))
                        .div(new Scalar(INT8_LIMIT)),
                weight);
        LibtorchTensor codes = calls.compute(
                "quantize",
                () -> torch.round(weight.at().to(ScalarType.Float).div(scales.at()))
                        .to(ScalarType.Char),
                weight);
        LibtorchTensor offsets = calls.compute("quantize", () -> torch.zeros_like(scales.at()));
        return detached(engine, scheme, weight.shape(), codes, scales, offsets);
    }

    private static LibtorchQuantizedWeight int4(
            LibtorchEngine engine, LibtorchTensor weight, Quantization.Int4Groups groups) {
        Shape shape = weight.shape();
        int size = groups.groupSize();
        if (shape.dim(1) % size != 0) {
            throw new ShapeException("quantize: %d input channels of weight %s are not divisible into groups of %d"
                    .formatted(shape.dim(1), shape, size));
        }
        long[] grouped = {shape.dim(0), shape.dim(1) / size, size};
        NativeCalls calls = engine.calls();
        LibtorchTensor offsets = calls.compute(
                "quantize",
                () -> weight.at().to(ScalarType.Float).reshape(grouped).amin(new long[] {2}, true),
                weight);
        LibtorchTensor scales = calls.compute(
                "quantize",
                () -> torch.clamp(
                                weight.at()
                                        .to(ScalarType.Float)
                                        .reshape(grouped)
                                        .amax(new long[] {2}, true)
                                        .sub(offsets.at()),
                                new ScalarOptional(new Scalar(Float.MIN_NORMAL)))
                        .div(new Scalar(INT4_LEVELS)),
                weight);
        LibtorchTensor codes = calls.compute(
                "quantize",
                () -> {
                    org.bytedeco.pytorch.Tensor levels = torch.round(weight.at()
                                    .to(ScalarType.Float)
                                    .reshape(grouped)
                                    .sub(offsets.at())
                                    .div(scales.at()))
                            .to(ScalarType.Byte)
                            .reshape(shape.dim(0), shape.dim(1) / 2, 2);
                    return levels.select(2, 0).add(levels.select(2, 1).mul(new Scalar(16L)));
                },
                weight);
        return detached(engine, groups, shape, codes, scales, offsets);
    }

    // A weight outlives the scope it is made in, as its caller closes it.
    private static LibtorchQuantizedWeight detached(
            LibtorchEngine engine,
            Quantization scheme,
            Shape shape,
            LibtorchTensor codes,
            LibtorchTensor scales,
            LibtorchTensor offsets) {
        codes.leaveScope();
        scales.leaveScope();
        offsets.leaveScope();
        return new LibtorchQuantizedWeight(engine, scheme, shape, codes, scales, offsets);
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
        return bytes(codes) + bytes(scales) + bytes(offsets);
    }

    private static long bytes(LibtorchTensor tensor) {
        return tensor.shape().elements() * tensor.dtype().bytes();
    }

    @Override
    public Tensor dequantize() {
        return engine.calls().compute("dequantize", () -> dequantized(DType.F32), codes, scales, offsets);
    }

    /** For use inside a call: {@code x Wᵀ + b}. */
    org.bytedeco.pytorch.Tensor linear(org.bytedeco.pytorch.Tensor x, TensorOptional bias) {
        if (x.dim() == 0 || x.size(-1) != shape.dim(1)) {
            throw new Misfit("the quantised weight is %s and takes %d channels".formatted(shape, shape.dim(1)));
        }
        return torch.linear(x, dequantized(ScalarTypes.of(x.scalar_type())), bias);
    }

    private org.bytedeco.pytorch.Tensor dequantized(DType dtype) {
        org.bytedeco.pytorch.Tensor levels = scheme instanceof Quantization.Int4Groups groups
                ? unpacked().view(shape.dim(0), shape.dim(1) / groups.groupSize(), groups.groupSize())
                : codes.at();
        return levels.mul(scales.at()).add(offsets.at()).view(shape.toArray()).to(ScalarTypes.of(dtype));
    }

    private org.bytedeco.pytorch.Tensor unpacked() {
        org.bytedeco.pytorch.Tensor bytes = codes.at();
        org.bytedeco.pytorch.Tensor low = bytes.bitwise_and(new Scalar(15L));
        org.bytedeco.pytorch.Tensor high = bytes.__rshift__(new Scalar(4L));
        return torch.stack(new org.bytedeco.pytorch.TensorVector(low, high), 2);
    }

    @Override
    public void close() {
        codes.close();
        scales.close();
        offsets.close();
    }
}
