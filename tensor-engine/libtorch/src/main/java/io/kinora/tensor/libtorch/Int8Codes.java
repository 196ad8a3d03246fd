package io.kinora.tensor.libtorch;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Symmetric int8: {@code weight[o, c] = codes[o, c] · scales[o]}. Scales are kept in BF16, which the kernel for few rows wants, and codes are made for the rounded scales, so every path computes with the same weight.
 */
final class Int8Codes implements WeightCodes {
    static final String CODES = "codes";
    static final String SCALES = "scales";
    private static final double LIMIT = 127;
    private static final long BLOCK_BYTES = 2 << 20;

    private final LibtorchTensor codes; // I8 [O, C]
    private final LibtorchTensor scales; // BF16 [O]

    private Int8Codes(LibtorchTensor codes, LibtorchTensor scales) {
        this.codes = codes;
        this.scales = scales;
    }

    static Int8Codes of(NativeCalls calls, LibtorchTensor weight) {
        LibtorchTensor scales = calls.computeForever(
                "quantize",
                () -> torch.clamp(
                                weight.at().abs().amax(new long[] {1}, false).to(ScalarType.Float),
                                new ScalarOptional(new Scalar(Float.MIN_NORMAL * LIMIT)))
                        .div(new Scalar(LIMIT))
                        .to(ScalarType.BFloat16),
                weight);
        LibtorchTensor codes = calls.computeForever(
                "quantize",
                () -> torch.clamp(
                                torch.round(weight.at()
                                        .to(ScalarType.Float)
                                        .div(scales.at().to(ScalarType.Float).unsqueeze(1))),
                                new ScalarOptional(new Scalar(-LIMIT)),
                                new ScalarOptional(new Scalar(LIMIT)))
                        .to(ScalarType.Char),
                weight);
        return new Int8Codes(codes, scales);
    }

    /** Out of parts as {@link #parts} gives them. */
    static Int8Codes of(Shape shape, QuantizedParts parts) {
        return new Int8Codes(
                parts.part(CODES, DType.I8, shape), parts.part(SCALES, DType.BF16, Shape.of(shape.dim(0))));
    }

    /** Of the parts. */
    static String layout() {
        return "int8";
    }

    @Override
    public Map<String, io.kinora.tensor.Tensor> parts() {
        return Map.of(CODES, codes, SCALES, scales);
    }

    @Override
    public Tensor product(Tensor x) {
        Tensor all = codes.at();
        if (WeightCodes.isForKernels(x)) {
            return Operators.call(
                    "_weight_int8pack_mm", x.to(ScalarType.BFloat16).contiguous(), all, scales.at());
        }
        long O = all.size(0);
        long C = all.size(1);
        Tensor result = torch.empty(new long[] {x.size(0), O}, x.options(), null);
        // As many rows as the cache holds are widened at a time; int8 is exact in every floating-point type.
        long rows = Math.max(1, Math.min(O, BLOCK_BYTES / Math.max(1, C * x.element_size())));
        Tensor block = torch.empty(new long[] {rows, C}, x.options(), null);
        for (long from = 0; from < O; from += rows) {
            long count = Math.min(rows, O - from);
            Tensor wide = block.narrow(0, 0, count);
            wide.copy_(all.narrow(0, from, count));
            torch.mm_out(result.narrow(1, from, count), x, wide.t());
        }
        result.mul_(scales.at().to(x.scalar_type()));
        return result;
    }

    /** I8 {@code [O, C]}, which stay this object's. */
    LibtorchTensor codes() {
        return codes;
    }

    /** BF16 {@code [O]}, which stay this object's. */
    LibtorchTensor scales() {
        return scales;
    }

    @Override
    public Tensor weight() {
        return codes.at().mul(scales.at().to(ScalarType.Float).unsqueeze(1));
    }

    @Override
    public long bytes() {
        return codes.bytes() + scales.bytes();
    }

    @Override
    public void close() {
        codes.close();
        scales.close();
    }
}
