package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Log;

/** What is computed of each element by itself, and of two that stand in one place. */
final class Elementwise {
    private Elementwise() {}

    /** What is computed of the elements; it may not write to them. */
    interface Body {
        INDArray apply(Work work, INDArray x);
    }

    static Tensor to(Calls calls, Nd4jTensor x, DType wanted) {
        // ND4J turns 16-bit whole numbers wrongly into halves.
        boolean narrow = wanted == DType.F16 || wanted == DType.BF16;
        boolean viaSingle = Types.isFloat8(x.dtype())
                || Types.isFloat8(wanted)
                || (narrow && !x.dtype().isFloat());
        DataType through = viaSingle ? DataType.FLOAT : Types.stored(wanted);
        return calls.compute("to", wanted, x.layout().shape(), work -> work.read(x, through), x);
    }

    /** In a type that ND4J computes; whole numbers become floats. */
    static Tensor map(Calls calls, String operation, Nd4jTensor x, Body body) {
        DType result = x.dtype().isFloat() ? x.dtype() : DType.F32;
        return calls.compute(
                operation,
                result,
                x.layout().shape(),
                work -> body.apply(work, work.read(x, Types.computed(result))),
                x);
    }

    static Tensor softmax(Calls calls, Nd4jTensor x, int axis) {
        return along(calls, "softmax", x, axis, Work::softmax);
    }

    /** x − max − log Σ exp(x − max); ND4J's own takes twice as long. */
    static Tensor logSoftmax(Calls calls, Nd4jTensor x, int axis) {
        return along(calls, "logSoftmax", x, axis, (work, in, at) -> {
            if (at != in.rank() - 1) {
                return work.run("log_softmax", in.dataType(), in.shape(), new long[] {at}, in);
            }
            INDArray rows = work.shaped(in, in.length() / in.size(at), in.size(at));
            INDArray below = work.pair("subtract", rows, work.alongLast("reduce_max", rows), rows.shape());
            INDArray sums = work.rowSums(work.each(below, Exp::new));
            return work.pairInto("subtract", below, work.eachInto(sums, sums, Log::new));
        });
    }

    private interface Along {
        INDArray apply(Work work, INDArray x, int axis);
    }

    private static Tensor along(Calls calls, String operation, Nd4jTensor x, int axis, Along body) {
        return calls.call(
                operation,
                () -> {
                    int at = x.layout().axis(axis);
                    if (!x.dtype().isFloat()) {
                        throw new Misfit("floating-point numbers are needed");
                    }
                    return map(calls, operation, x, (work, in) -> body.apply(work, in, at));
                },
                x);
    }

    static Tensor pair(Calls calls, String operation, String name, Nd4jTensor a, Nd4jTensor b) {
        return calls.call(
                operation,
                () -> {
                    DType promoted = Types.promote(a.dtype(), b.dtype());
                    DType result = name.equals("divide") && !promoted.isFloat() ? DType.F32 : promoted;
                    DataType type = Types.computed(result);
                    Shape shape = Broadcast.of(a.layout().shape(), b.layout().shape());
                    return calls.compute(
                            operation,
                            result,
                            shape,
                            work -> work.pair(name, work.read(a, type), work.read(b, type), shape.toArray()),
                            a,
                            b);
                },
                a,
                b);
    }

    static Tensor scalar(Calls calls, String operation, String name, Nd4jTensor x, double number) {
        DType result = withNumber(x.dtype(), number);
        DataType type = Types.computed(result);
        return calls.compute(
                operation,
                result,
                x.layout().shape(),
                work -> work.pair(
                        name,
                        work.read(x, type),
                        work.number(number, type),
                        x.layout().sizes()),
                x);
    }

    /** A whole number leaves whole numbers whole; another makes them floats. */
    private static DType withNumber(DType dtype, double number) {
        return dtype.isFloat() || (dtype.isInteger() && number == Math.rint(number)) ? dtype : DType.F32;
    }

    static Tensor clamp(Calls calls, Nd4jTensor x, double low, double high) {
        DType result = Types.promote(withNumber(x.dtype(), low), withNumber(x.dtype(), high));
        DataType type = Types.computed(result);
        return calls.compute(
                "clamp",
                result,
                x.layout().shape(),
                work -> {
                    INDArray raised = work.pair(
                            "maximum",
                            work.read(x, type),
                            work.number(low, type),
                            x.layout().sizes());
                    return work.pairInto("minimum", raised, high);
                },
                x);
    }

    /** max(x, slope · x) where the slope is at most 1, as it is in every model; else the other way round. */
    static Tensor leakyRelu(Calls calls, Nd4jTensor x, double slope) {
        return map(calls, "leakyRelu", x, (work, in) -> {
            INDArray leaked = work.pair("multiply", in, work.number(slope, in.dataType()), in.shape());
            return work.pairInto(slope <= 1 ? "maximum" : "minimum", leaked, in);
        });
    }

    static Tensor addInPlace(Calls calls, Nd4jTensor x, Nd4jTensor addend) {
        return calls.call(
                "addInPlace",
                () -> {
                    Broadcast.require(addend.layout().shape(), x.layout().shape());
                    return change(x, (work, type) -> pairOnto(work, "add", x, type, work.read(addend, type)));
                },
                x,
                addend);
    }

    static Tensor mulInPlace(Calls calls, Nd4jTensor x, double number) {
        return calls.call(
                "mulInPlace",
                () -> change(x, (work, type) -> pairOnto(work, "multiply", x, type, work.number(number, type))),
                x);
    }

    /** Into the place itself where its type is one that ND4J computes and its elements lie row-major. */
    private static void pairOnto(Work work, String name, Nd4jTensor x, DataType type, INDArray operand) {
        if (type == Types.stored(x.dtype()) && x.layout().isRowMajor()) {
            work.pairInto(name, work.of(x), operand);
            return;
        }
        INDArray changed =
                work.pair(name, work.read(x, type), operand, x.layout().sizes());
        work.of(x).assign(work.cast(changed, Types.stored(x.dtype())));
    }

    static Tensor copy(Calls calls, Nd4jTensor x, Nd4jTensor source) {
        return calls.call(
                "copyFrom",
                () -> {
                    Broadcast.require(source.layout().shape(), x.layout().shape());
                    return change(x, (work, type) -> {
                        Nd4jTensor typed = (Nd4jTensor) source.to(x.dtype());
                        try {
                            INDArray rows = work.rows(
                                    typed.seen(typed.layout().expand(x.layout().sizes())));
                            work.of(x).assign(rows);
                        } finally {
                            if (typed != source) {
                                typed.close();
                            }
                        }
                    });
                },
                x,
                source);
    }

    private interface Change {
        void apply(Work work, DataType type);
    }

    private static Tensor change(Nd4jTensor x, Change change) {
        if (x.layout().elements() > 0) {
            try (Work work = new Work()) {
                change.apply(work, Types.computed(x.dtype()));
            }
        }
        return x;
    }
}
