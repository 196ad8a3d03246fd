package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Shape;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.same.Abs;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Rint;

/**
 * A weight in few bits. ND4J has no product on such: some rows of it are widened at a time, and multiplied in the type of the input.
 *
 * <p>{@code weight[o, c] = (code[o, c] − middle) · scale[o, c / G] + zero[o, c / G]}: int8 has one group a row, middle 0 and no zero points;
 * int4 has codes 0 to 15 around 8, two in a byte, the channels of the first half of a row in the low bits.
 */
final class Nd4jQuantizedWeight implements QuantizedWeight {
    private static final String CODES = "codes";
    private static final String SCALES = "scales";
    private static final String ZEROS = "zeros";
    private static final double LIMIT_8 = 127;
    private static final double LEVELS_4 = 15;
    private static final double MIDDLE_4 = 8;
    private static final double HIGH = 16;
    private static final double LARGEST_FRACTION = 15 / HIGH;

    /** Numbers of that size have no fraction left: adding one rounds, as IEEE 754 rounds every sum. */
    private static final double SHIFT_32 = 0x1.8p23;

    private static final double SHIFT_64 = 0x1.8p52;

    /** Elements of the rows that are wide at a time: 4 MiB in single precision. */
    private static final long BLOCK = 1 << 20;

    private final Calls calls;
    private final Quantization scheme;
    private final Shape shape;
    private final Nd4jTensor codes; // I8 [O, C], or U8 [O, C/2]
    private final Nd4jTensor scales; // BF16 [O, 1] or [O, C/G]
    private final Optional<Nd4jTensor> zeros; // BF16 [O, C/G]

    private Nd4jQuantizedWeight(
            Calls calls,
            Quantization scheme,
            Shape shape,
            Nd4jTensor codes,
            Nd4jTensor scales,
            Optional<Nd4jTensor> zeros) {
        this.calls = calls;
        this.scheme = scheme;
        this.shape = shape;
        this.codes = codes;
        this.scales = scales;
        this.zeros = zeros;
    }

    /** The weight as this engine's own. */
    static Nd4jQuantizedWeight of(QuantizedWeight weight) {
        if (weight instanceof Nd4jQuantizedWeight mine) {
            return mine;
        }
        throw new IllegalArgumentException("this weight was quantised by another engine");
    }

    static Nd4jQuantizedWeight quantize(Calls calls, Nd4jTensor weight, Quantization scheme) {
        if (weight.layout().rank() != 2
                || !weight.dtype().isFloat()
                || weight.layout().elements() == 0) {
            throw new Misfit("a floating-point weight [O, C] is needed");
        }
        try (Nd4jScope scope = calls.openScope();
                Work work = new Work()) {
            INDArray wide = work.read(weight, DataType.FLOAT);
            return scheme instanceof Quantization.Int4Groups groups
                    ? int4(calls, scope, work, weight.shape(), wide, groups)
                    : int8(calls, scope, work, weight.shape(), wide, scheme);
        }
    }

    static Nd4jQuantizedWeight restore(Calls calls, Quantization scheme, Shape shape, Map<String, Tensor> parts) {
        if (shape.rank() != 2) {
            throw new ShapeException("restore of %s: a weight [O, C] is needed".formatted(shape));
        }
        long O = shape.dim(0);
        long C = shape.dim(1);
        if (scheme instanceof Quantization.Int4Groups groups) {
            Shape perGroup = Shape.of(O, C / groups.groupSize());
            return new Nd4jQuantizedWeight(
                    calls,
                    scheme,
                    shape,
                    part(calls, parts, CODES, DType.U8, Shape.of(O, C / 2)),
                    part(calls, parts, SCALES, DType.BF16, perGroup),
                    Optional.of(part(calls, parts, ZEROS, DType.BF16, perGroup)));
        }
        return new Nd4jQuantizedWeight(
                calls,
                scheme,
                shape,
                part(calls, parts, CODES, DType.I8, shape),
                part(calls, parts, SCALES, DType.BF16, Shape.of(O, 1)),
                Optional.empty());
    }

    private static Nd4jTensor part(Calls calls, Map<String, Tensor> parts, String name, DType dtype, Shape shape) {
        Tensor part = parts.get(name);
        if (part == null || part.dtype() != dtype || !part.shape().equals(shape)) {
            throw new ShapeException("restore of a quantised weight: %s is %s, expected %s %s"
                    .formatted(name, part == null ? "missing" : part.shape() + " " + part.dtype(), shape, dtype));
        }
        return calls.mine(part);
    }

    static String layout(String engine, Quantization scheme) {
        return scheme instanceof Quantization.Int4Groups groups
                ? "%s int4 in groups of %d".formatted(engine, groups.groupSize())
                : engine + " int8";
    }

    @Override
    public Map<String, Tensor> parts() {
        Map<String, Tensor> parts = new LinkedHashMap<>();
        parts.put(CODES, codes);
        parts.put(SCALES, scales);
        zeros.ifPresent(points -> parts.put(ZEROS, points));
        return parts;
    }

    private static Nd4jQuantizedWeight int8(
            Calls calls, Nd4jScope scope, Work work, Shape shape, INDArray wide, Quantization scheme) {
        INDArray largest = work.alongLast("reduce_max", work.each(wide, Abs::new));
        INDArray scale = rounded(
                work, work.pairInto("divide", work.pairInto("maximum", largest, Float.MIN_NORMAL * LIMIT_8), LIMIT_8));
        INDArray codes = work.each(work.pair("divide", wide, scale, wide.shape()), Rint::new);
        work.pairInto("minimum", work.pairInto("maximum", codes, -LIMIT_8), LIMIT_8);
        return new Nd4jQuantizedWeight(
                calls,
                scheme,
                shape,
                kept(scope, work.result(calls, codes, shape, DType.I8)),
                kept(scope, work.result(calls, scale, Shape.of(shape.dim(0), 1), DType.BF16)),
                Optional.empty());
    }

    private static Nd4jQuantizedWeight int4(
            Calls calls, Nd4jScope scope, Work work, Shape shape, INDArray wide, Quantization.Int4Groups groups) {
        long O = shape.dim(0);
        long C = shape.dim(1);
        int G = groups.groupSize();
        if (C % G != 0) {
            throw new Misfit("%d input channels are not divisible into groups of %d".formatted(C, G));
        }
        INDArray grouped = work.shaped(wide, O * C / G, G);
        INDArray low = work.alongLast("reduce_min", grouped);
        INDArray range = work.pairInto("subtract", work.alongLast("reduce_max", grouped), low);
        INDArray scale = rounded(
                work, work.pairInto("divide", work.pairInto("maximum", range, Float.MIN_NORMAL * LEVELS_4), LEVELS_4));
        INDArray middle = work.pair("multiply", scale, work.number(MIDDLE_4, DataType.FLOAT), scale.shape());
        INDArray zero = rounded(work, work.pairInto("add", middle, low));
        INDArray steps = work.pairInto("divide", work.pair("subtract", grouped, zero, grouped.shape()), scale);
        INDArray codes = work.each(work.pairInto("add", steps, MIDDLE_4), Rint::new);
        INDArray levels = work.shaped(work.pairInto("minimum", work.pairInto("maximum", codes, 0), LEVELS_4), O, C);
        INDArray first = half(work, levels, 0, C / 2);
        INDArray second = half(work, levels, C / 2, C / 2);
        INDArray packed = work.pairInto("add", work.pairInto("multiply", second, HIGH), first);
        Shape perGroup = Shape.of(O, C / G);
        return new Nd4jQuantizedWeight(
                calls,
                groups,
                shape,
                kept(scope, work.result(calls, packed, Shape.of(O, C / 2), DType.U8)),
                kept(scope, work.result(calls, scale, perGroup, DType.BF16)),
                Optional.of(kept(scope, work.result(calls, zero, perGroup, DType.BF16))));
    }

    /** As it will be stored, so that codes are made for the scales that are used. */
    private static INDArray rounded(Work work, INDArray values) {
        return work.cast(work.cast(values, DataType.BFLOAT16), DataType.FLOAT);
    }

    private static Nd4jTensor kept(Nd4jScope scope, Nd4jTensor tensor) {
        return (Nd4jTensor) scope.detach(tensor);
    }

    private static INDArray half(Work work, INDArray rows, long from, long count) {
        Layout place = Layout.rowMajor(Shape.of(rows.shape())).slice(1, from, from + count);
        return work.copy(work.view(rows, place));
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
        return codes.bytes() + scales.bytes() + zeros.map(Nd4jTensor::bytes).orElse(0L);
    }

    @Override
    public Tensor dequantize() {
        return calls.compute("dequantize", DType.F32, shape, work -> rows(work, 0, shape.dim(0)), codes, scales);
    }

    /** Rows of the weight it stands for, in single precision, {@code [count, C]}. */
    private INDArray rows(Work work, long from, long count) {
        INDArray stored = cut(work, codes, from, count, DataType.FLOAT);
        INDArray scale = cut(work, scales, from, count, DataType.FLOAT);
        long C = shape.dim(1);
        if (zeros.isEmpty()) {
            return work.pairInto("multiply", stored, scale);
        }
        INDArray high = highHalf(work, stored);
        INDArray whole = work.pair("multiply", high, work.number(HIGH, DataType.FLOAT), high.shape());
        INDArray low = work.pairInto("subtract", stored, whole);
        long groups = scale.size(1);
        INDArray codes = work.run("concat", DataType.FLOAT, new long[] {count, C}, new long[] {1}, low, high);
        INDArray levels = work.shaped(work.pairInto("subtract", codes, MIDDLE_4), count * groups, C / groups);
        work.pairInto("multiply", levels, work.shaped(scale, count * groups, 1));
        work.pairInto(
                "add", levels, work.shaped(cut(work, zeros.get(), from, count, DataType.FLOAT), count * groups, 1));
        return work.shaped(levels, count, C);
    }

    /** A copy of some rows in a type. */
    private static INDArray cut(Work work, Nd4jTensor tensor, long from, long count, DataType type) {
        Layout place = tensor.layout().slice(0, from, from + count);
        return work.make(type, place.sizes()).assign(work.at(tensor, place));
    }

    /** {@code x Wᵀ + b}. For use inside a call. */
    Tensor linear(Nd4jTensor x, Optional<Nd4jTensor> bias) {
        codes.requireOpen();
        long O = shape.dim(0);
        long C = shape.dim(1);
        if (x.layout().rank() == 0 || x.dim(-1) != C) {
            throw new Misfit("the quantised weight is %s and takes %d channels".formatted(shape, C));
        }
        if (bias.isPresent() && (bias.get().layout().rank() != 1 || bias.get().dim(0) != O)) {
            throw new Misfit("the quantised weight is %s and takes a bias of %d".formatted(shape, O));
        }
        long[] sizes = x.layout().sizes();
        sizes[sizes.length - 1] = O;
        return calls.compute("linear", x.dtype(), Shape.of(sizes), work -> {
            DataType type = Types.computed(x.dtype());
            long tokens = x.layout().elements() / C;
            INDArray in = work.shaped(work.read(x, type), tokens, C);
            INDArray out = work.make(type, tokens, O);
            RowProduct product =
                    zeros.isEmpty() ? this::timesBytes : halvesAreGroups() ? nibbles(work, in) : this::timesWide;
            long block = Math.max(1, Math.min(O, BLOCK / C));
            for (long from = 0; from < O; from += block) {
                long count = Math.min(block, O - from);
                try (Work inner = new Work()) {
                    Layout place = Layout.rowMajor(Shape.of(tokens, O)).slice(1, from, from + count);
                    inner.view(out, place).assign(product.of(inner, in, from, count));
                }
            }
            return Products.withBias(work, out, bias, type);
        });
    }

    /** The input {@code [T, C]} times some rows of the weight, {@code [T, count]}. */
    private interface RowProduct {
        INDArray of(Work work, INDArray in, long from, long count);
    }

    private INDArray timesWide(Work work, INDArray in, long from, long count) {
        INDArray wide = work.cast(rows(work, from, count), in.dataType());
        return work.product(in, wide, true, in.size(0), count);
    }

    /** The product with the codes, scaled afterwards: int8 is exact in every floating-point type. */
    private INDArray timesBytes(Work work, INDArray in, long from, long count) {
        INDArray wide = cut(work, codes, from, count, in.dataType());
        INDArray scale = cut(work, scales, from, count, in.dataType());
        return work.pairInto("multiply", work.product(in, wide, true, in.size(0), count), work.shaped(scale, count));
    }

    private boolean halvesAreGroups() {
        return codes.dim(1) % groupSize() == 0;
    }

    private long groupSize() {
        return shape.dim(1) / scales.dim(1);
    }

    /**
     * The low and the high halves of the bytes as two weights, each with its half of the input, and what does not depend on the code as a third:
     * {@code Σ code · scale · x + Σ (zero − middle · scale) · (sum of x in the group)}. The halves never lie side by side.
     */
    private RowProduct nibbles(Work outer, INDArray input) {
        long tokens = input.size(0);
        long half = codes.dim(1);
        long G = groupSize();
        INDArray first = half(outer, input, 0, half);
        INDArray second = half(outer, input, half, half);
        long groups = scales.dim(1);
        INDArray sums = outer.shaped(outer.rowSums(outer.shaped(input, tokens * groups, G)), tokens, groups);
        return (work, in, from, count) -> {
            DataType type = in.dataType();
            INDArray scale = cut(work, scales, from, count, type);
            INDArray low = cut(work, codes, from, count, type);
            INDArray high = highHalf(work, low);
            work.pairInto("subtract", low, work.pair("multiply", high, work.number(HIGH, type), high.shape()));
            INDArray middle = work.pair("multiply", scale, work.number(MIDDLE_4, type), scale.shape());
            INDArray rest = work.pairInto("subtract", cut(work, zeros.orElseThrow(), from, count, type), middle);
            INDArray product = work.product(sums, rest, true, tokens, count);
            INDArray lowScale = half(work, scale, 0, groups / 2);
            INDArray highScale = half(work, scale, groups / 2, groups / 2);
            work.pairInto("add", product, grouped(work, first, low, lowScale));
            return work.pairInto("add", product, grouped(work, second, high, highScale));
        };
    }

    /** ⌊byte / 16⌋, by rounding a number that is never half way: ND4J's own floor takes ten times as long. */
    private static INDArray highHalf(Work work, INDArray bytes) {
        double shift = bytes.dataType() == DataType.DOUBLE ? SHIFT_64 : SHIFT_32;
        INDArray high = work.pair("multiply", bytes, work.number(1 / HIGH, bytes.dataType()), bytes.shape());
        work.pairInto("subtract", high, LARGEST_FRACTION / 2);
        return work.pairInto("subtract", work.pairInto("add", high, shift), shift);
    }

    /** {@code x [T, C']} times codes {@code [R, C']} under the scales {@code [R, groups]} of their groups, {@code [T, R]}; the codes are scaled in place. */
    private static INDArray grouped(Work work, INDArray x, INDArray codes, INDArray scale) {
        long size = codes.size(1) / scale.size(1);
        INDArray spread = work.shaped(scale, scale.length(), 1);
        work.pairInto("multiply", work.shaped(codes, scale.length(), size), spread);
        return work.product(x, codes, true, x.size(0), codes.size(0));
    }

    @Override
    public void close() {
        codes.close();
        scales.close();
        zeros.ifPresent(Nd4jTensor::close);
    }
}
