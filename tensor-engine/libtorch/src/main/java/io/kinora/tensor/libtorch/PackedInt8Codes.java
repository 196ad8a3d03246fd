package io.kinora.tensor.libtorch;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** {@link Int8Codes} in the layout of oneDNN's kernels, which multiply them in whole numbers. */
final class PackedInt8Codes implements WeightCodes {
    private final NativeCalls calls;
    private final long rows;
    private final long channels;
    private final LibtorchTensor packed; // oneDNN's own layout of I8 [O, C]
    private final LibtorchTensor scales; // BF16 [O]
    private final LibtorchTensor wideScales; // F32 [O]

    private PackedInt8Codes(
            NativeCalls calls,
            long rows,
            long channels,
            LibtorchTensor packed,
            LibtorchTensor scales,
            LibtorchTensor wideScales) {
        this.calls = calls;
        this.rows = rows;
        this.channels = channels;
        this.packed = packed;
        this.scales = scales;
        this.wideScales = wideScales;
    }

    /** Takes the place of the codes, which are freed. */
    static PackedInt8Codes of(NativeCalls calls, Int8Codes plain) {
        LibtorchTensor codes = plain.codes();
        LibtorchTensor scales = plain.scales();
        PackedInt8Codes made = new PackedInt8Codes(
                calls,
                codes.at().size(0),
                codes.at().size(1),
                calls.computeForever("quantize", () -> IntegerProduct.packed(codes.at()), codes),
                scales,
                calls.computeForever("quantize", () -> scales.at().to(ScalarType.Float), scales));
        codes.close();
        return made;
    }

    @Override
    public Tensor product(Tensor x) {
        // A double has more digits than three.
        return x.scalar_type().intern() == ScalarType.Double
                ? x.matmul(weight().to(ScalarType.Double).t())
                : IntegerProduct.product(x, packed.at(), wideScales.at());
    }

    @Override
    public Tensor weight() {
        return IntegerProduct.unpacked(packed.at(), rows, channels)
                .mul_(wideScales.at().unsqueeze(1));
    }

    @Override
    public Map<String, io.kinora.tensor.Tensor> parts() {
        LibtorchTensor codes = calls.compute(
                "parts",
                () -> IntegerProduct.unpacked(packed.at(), rows, channels).to(ScalarType.Char),
                packed);
        return Map.of(Int8Codes.CODES, codes, Int8Codes.SCALES, scales);
    }

    @Override
    public long bytes() {
        return rows * channels + scales.bytes() + wideScales.bytes();
    }

    @Override
    public void close() {
        packed.close();
        scales.close();
        wideScales.close();
    }
}
