package io.kinora.tensor.libtorch;

import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Products of rows with int8 weights in whole numbers, by oneDNN's kernels. For use inside a call.
 *
 * <p>A row is written as three digits to the base 256 of a number of 24 bits, {@code x ≈ (256²·high + 256·middle + low) · max|x| / (127·256²)}; the digits are
 * multiplied with the weights exactly, in one product of three times the rows, and put together in F32. So a product is as close as one in F32, and does not
 * depend on the rows beside it.
 *
 * <p>Letters: M rows, C channels in, O channels out.
 */
final class IntegerProduct {
    private static final String PREPACK = "onednn::qlinear_prepack";
    private static final String PRODUCT = "onednn::qlinear_pointwise";
    private static final long BASE = 256;
    private static final long ZERO = 128; // what stands for nought in an unsigned byte
    private static final int DIGITS = 3;
    private static final long ZEROS = ZERO * (1 + BASE + BASE * BASE); // nought in every digit
    private static final double LARGEST =
            127 * BASE * BASE; // below 2²⁴ with the zeros, so that F32 holds every number exactly

    private IntegerProduct() {}

    /** Whether this build of libtorch has the kernels, and this processor adds up what they multiply without overflow. */
    static boolean isExact() {
        return Kernels.EXACT;
    }

    /** Codes {@code I8 [O, C]} in the layout that the kernels want, which nothing else can read. */
    static Tensor packed(Tensor codes) {
        return Operators.call(Operators.named(PREPACK, ""), new IValue(codes), new IValue());
    }

    /** {@code x [M, C]} times the transpose of {@code packed [O, C]} with a scale {@code F32 [O]} for each row: F32 {@code [M, O]}. */
    static Tensor product(Tensor x, Tensor packed, Tensor scales) {
        long M = x.size(0);
        long C = x.size(1);
        Tensor rows = x.to(ScalarType.Float);
        Tensor largest = rows.abs().amax(new long[] {1}, true).add_(new Scalar(Float.MIN_NORMAL)); // (M, 1)
        Tensor numbers = rows.mul(largest.reciprocal().mul_(new Scalar(LARGEST)))
                .round_()
                .add_(new Scalar(ZEROS))
                .to(ScalarType.Int); // (M, C), of which the three low bytes are the digits
        Tensor digits = numbers.view(ScalarType.Byte)
                .view(M, C, Integer.BYTES)
                .narrow(2, 0, DIGITS)
                .permute(0, 2, 1)
                .reshape(M * DIGITS, C);
        Tensor products = exact(digits, packed, scales).view(M, DIGITS, -1);
        return torch.add(products.select(1, 0), products.select(1, 1), new Scalar(BASE))
                .add_(products.select(1, 2), new Scalar(BASE * BASE))
                .mul_(largest.mul_(new Scalar(1 / LARGEST)));
    }

    /** The codes that were packed, {@code F32 [O, C]}: their product with the unit matrix, of which as many rows as the cache holds at a time. */
    static Tensor unpacked(Tensor packed, long O, long C) {
        Tensor ones = torch.ones(new long[] {O}, new TensorOptions(ScalarType.Float));
        Tensor codes = torch.empty(new long[] {O, C}, new TensorOptions(ScalarType.Float), null);
        long rows = Math.max(1, Math.min(C, (1 << 20) / Math.max(1, C)));
        for (long from = 0; from < C; from += rows) {
            long count = Math.min(rows, C - from);
            Tensor unit = torch.full(new long[] {count, C}, new Scalar(ZERO), new TensorOptions(ScalarType.Byte));
            unit.narrow(1, from, count).diagonal(0, 0, 1).add_(new Scalar(1L));
            codes.narrow(1, from, count).copy_(exact(unit, packed, ones).t());
        }
        return codes;
    }

    // Digits U8 [M, C] around ZERO, times whole numbers: F32 [M, O]
    private static Tensor exact(Tensor digits, Tensor packed, Tensor scales) {
        OperatorHandle operator = Operators.named(PRODUCT, "");
        Tensor zeroPoints = torch.zeros(new long[] {scales.size(0)}, new TensorOptions(ScalarType.Long));
        GenericList none = Operators.emptyList(operator, 11);
        return Operators.call(
                operator,
                new IValue(digits),
                new IValue(1.0),
                new IValue(ZERO),
                new IValue(packed),
                new IValue(scales),
                new IValue(zeroPoints),
                new IValue(),
                new IValue(1.0),
                new IValue(0L),
                new IValue((long) ScalarType.Float.value),
                new IValue("none"),
                new IValue(none),
                new IValue(""));
    }

    private static final class Kernels {
        static final boolean EXACT = Operators.has(PREPACK, "") && Operators.has(PRODUCT, "") && isExactAtTheLimits();

        // Processors without an instruction for it add pairs of products up in sixteen bits.
        private static boolean isExactAtTheLimits() {
            long C = 256;
            long limit = Byte.MAX_VALUE;
            Tensor codes = torch.full(new long[] {16, C}, new Scalar(limit), new TensorOptions(ScalarType.Char));
            Tensor digits =
                    torch.full(new long[] {DIGITS, C}, new Scalar(ZERO + limit), new TensorOptions(ScalarType.Byte));
            Tensor ones = torch.ones(new long[] {16}, new TensorOptions(ScalarType.Float));
            Tensor sums = exact(digits, packed(codes), ones);
            return sums.eq(new Scalar((double) (C * limit * limit))).all().item_bool();
        }
    }
}
