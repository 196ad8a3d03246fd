package io.kinora.tensor.conformance;

import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The calls that the operation names in the cases file stand for. */
final class Operations {
    private static final Map<String, Function<Operands, Tensor>> ELEMENTWISE = Map.ofEntries(
            Map.entry("exp", on -> on.tensor("x").exp()),
            Map.entry("log", on -> on.tensor("x").log()),
            Map.entry("sqrt", on -> on.tensor("x").sqrt()),
            Map.entry("sin", on -> on.tensor("x").sin()),
            Map.entry("cos", on -> on.tensor("x").cos()),
            Map.entry("round", on -> on.tensor("x").round()),
            Map.entry("silu", on -> on.tensor("x").silu()),
            Map.entry("gelu", on -> on.tensor("x").gelu()),
            Map.entry("quickGelu", on -> on.tensor("x").quickGelu()),
            Map.entry("relu", on -> on.tensor("x").relu()),
            Map.entry("sigmoid", on -> on.tensor("x").sigmoid()),
            Map.entry("tanh", on -> on.tensor("x").tanh()),
            Map.entry("leakyRelu", on -> on.tensor("x").leakyRelu(on.number("slope"))),
            Map.entry("clamp", on -> on.tensor("x").clamp(on.number("low"), on.number("high"))),
            Map.entry("addNumber", on -> on.tensor("x").add(on.number("value"))),
            Map.entry("mulNumber", on -> on.tensor("x").mul(on.number("value"))),
            Map.entry("mulInPlace", on -> on.tensor("x").mulInPlace(on.number("value"))),
            Map.entry("add", on -> on.tensor("a").add(on.tensor("b"))),
            Map.entry("sub", on -> on.tensor("a").sub(on.tensor("b"))),
            Map.entry("mul", on -> on.tensor("a").mul(on.tensor("b"))),
            Map.entry("div", on -> on.tensor("a").div(on.tensor("b"))),
            Map.entry("addInPlace", on -> on.tensor("a").addInPlace(on.tensor("b"))),
            Map.entry("copyFromIntoRow", Operations::copyFromIntoRow));

    private static final Map<String, Function<Operands, Tensor>> ALONG_AN_AXIS = Map.of(
            "softmax", on -> on.tensor("x").softmax(on.integer("axis")),
            "logSoftmax", on -> on.tensor("x").logSoftmax(on.integer("axis")),
            "sum", on -> on.tensor("x").sum(on.integer("axis")),
            "mean", on -> on.tensor("x").mean(on.integer("axis")),
            "max", on -> on.tensor("x").max(on.integer("axis")),
            "argmax", on -> on.tensor("x").argmax(on.integer("axis")));

    private static final Map<String, Function<Operands, Tensor>> VIEWS = Map.ofEntries(
            Map.entry("reshape", on -> on.tensor("x").reshape(on.integers("sizes"))),
            Map.entry("permute", on -> on.tensor("x").permute(axes(on))),
            Map.entry("transpose", on -> on.tensor("x").transpose(on.integer("first"), on.integer("second"))),
            Map.entry("slice", on -> on.tensor("x").slice(on.integer("axis"), on.integer("begin"), on.integer("end"))),
            Map.entry("select", on -> on.tensor("x").select(on.integer("axis"), on.integer("position"))),
            Map.entry("unsqueeze", on -> on.tensor("x").unsqueeze(on.integer("axis"))),
            Map.entry("squeeze", on -> on.tensor("x").squeeze(on.integer("axis"))),
            Map.entry("expand", on -> on.tensor("x").expand(on.integers("sizes"))),
            Map.entry("contiguous", on -> on.tensor("x").contiguous()),
            Map.entry("repeatInterleave", on -> on.tensor("x")
                    .repeatInterleave(on.integer("times"), on.integer("axis"))));

    private static final Map<String, Function<Operands, Tensor>> OF_THE_ENGINE = Map.ofEntries(
            Map.entry("cat", on -> on.engine().cat(on.all(), on.integer("axis"))),
            Map.entry("stack", on -> on.engine().stack(on.all(), on.integer("axis"))),
            Map.entry("gather", on -> on.engine().gather(on.tensor("table"), on.tensor("ids"))),
            Map.entry("scatterRows", on -> on.engine()
                    .scatterRows(on.tensor("table"), on.tensor("ids"), on.tensor("rows"))),
            Map.entry("where", on -> on.engine().where(on.tensor("mask"), on.tensor("a"), on.tensor("b"))),
            Map.entry("matmul", on -> on.engine().matmul(on.tensor("a"), on.tensor("b"))),
            Map.entry("linear", on -> on.engine().linear(on.tensor("x"), on.tensor("weight"), on.optional("bias"))),
            Map.entry("conv1d", Operations::conv1d),
            Map.entry("convTranspose1d", Operations::convTranspose1d),
            Map.entry("conv2d", Operations::conv2d),
            Map.entry("conv3d", Operations::conv3d),
            Map.entry("groupNorm", Operations::groupNorm),
            Map.entry("groupNormSilu", Operations::groupNormSilu),
            Map.entry("layerNorm", Operations::layerNorm),
            Map.entry("rmsNorm", on -> on.engine().rmsNorm(on.tensor("x"), on.tensor("weight"), on.number("eps"))),
            Map.entry("attention", Operations::attention),
            Map.entry("rotary", on -> on.engine().rotary(on.tensor("x"), on.tensor("cos"), on.tensor("sin"))),
            Map.entry("geglu", on -> on.engine().geglu(on.tensor("x"))),
            Map.entry("swiglu", on -> on.engine().swiglu(on.tensor("gate"), on.tensor("up"))),
            Map.entry("upsampleNearest", on -> on.engine()
                    .upsampleNearest(on.tensor("x"), on.integer("height"), on.integer("width"))),
            Map.entry("upsampleBilinear", on -> on.engine()
                    .upsampleBilinear(on.tensor("x"), on.integer("height"), on.integer("width"))),
            Map.entry("avgPool2d", on -> on.engine().avgPool2d(on.tensor("x"), on.integer("window"))),
            Map.entry("pad", on -> on.engine().pad(on.tensor("x"), on.integers("amounts"))));

    private Operations() {}

    /** Runs the operation of that name; most have one result. */
    static List<Tensor> run(String operation, Operands on) {
        if (operation.equals("topK")) {
            Tensor.TopK top = on.tensor("x").topK(on.integer("k"));
            return List.of(top.values(), top.positions());
        }
        if (operation.equals("chunk")) {
            return on.tensor("x").chunk(on.integer("parts"), on.integer("axis"));
        }
        for (Map<String, Function<Operands, Tensor>> table :
                List.of(ELEMENTWISE, ALONG_AN_AXIS, VIEWS, OF_THE_ENGINE)) {
            if (table.containsKey(operation)) {
                return List.of(table.get(operation).apply(on));
            }
        }
        throw new IllegalArgumentException("the cases file names an operation that is not here: " + operation);
    }

    private static Tensor copyFromIntoRow(Operands on) {
        Tensor table = on.tensor("a");
        table.select(0, on.integer("row")).copyFrom(on.tensor("b"));
        return table;
    }

    private static int[] axes(Operands on) {
        return Arrays.stream(on.integers("axes")).mapToInt(Math::toIntExact).toArray();
    }

    private static Tensor conv1d(Operands on) {
        return on.engine()
                .conv1d(
                        on.tensor("x"),
                        on.tensor("weight"),
                        on.optional("bias"),
                        on.integer("stride"),
                        on.integer("padding"),
                        on.integer("dilation"),
                        on.integer("groups"));
    }

    private static Tensor convTranspose1d(Operands on) {
        return on.engine()
                .convTranspose1d(
                        on.tensor("x"),
                        on.tensor("weight"),
                        on.optional("bias"),
                        on.integer("stride"),
                        on.integer("padding"));
    }

    private static Tensor conv2d(Operands on) {
        return on.engine()
                .conv2d(
                        on.tensor("x"),
                        on.tensor("weight"),
                        on.optional("bias"),
                        on.integer("stride"),
                        on.integer("padding"));
    }

    private static Tensor conv3d(Operands on) {
        return on.engine()
                .conv3d(
                        on.tensor("x"),
                        on.tensor("weight"),
                        on.optional("bias"),
                        on.integer("padF"),
                        on.integer("padY"),
                        on.integer("padX"));
    }

    private static Tensor groupNorm(Operands on) {
        return on.engine()
                .groupNorm(
                        on.tensor("x"), on.integer("groups"), on.tensor("weight"), on.tensor("bias"), on.number("eps"));
    }

    private static Tensor groupNormSilu(Operands on) {
        return on.engine()
                .groupNormSilu(
                        on.tensor("x"), on.integer("groups"), on.tensor("weight"), on.tensor("bias"), on.number("eps"));
    }

    private static Tensor layerNorm(Operands on) {
        return on.engine().layerNorm(on.tensor("x"), on.tensor("weight"), on.tensor("bias"), on.number("eps"));
    }

    private static Tensor attention(Operands on) {
        AttentionMask mask =
                switch (on.text("mask")) {
                    case "none" -> AttentionMask.NONE;
                    case "causal" -> AttentionMask.CAUSAL;
                    case "bias" -> new AttentionMask.Bias(on.tensor("bias"));
                    default -> throw new IllegalArgumentException("no mask " + on.text("mask"));
                };
        return on.engine().attention(on.tensor("q"), on.tensor("k"), on.tensor("v"), mask, on.number("scale"));
    }
}
