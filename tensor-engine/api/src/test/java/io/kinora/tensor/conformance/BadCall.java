package io.kinora.tensor.conformance;

import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A call whose operands do not fit, and the words that the error must contain. */
record BadCall(String name, Consumer<Engine> call, List<String> words) {
    void run(Engine engine) {
        call.accept(engine);
    }

    @Override
    public String toString() {
        return name;
    }

    private static BadCall of(String name, Consumer<Engine> call, String... words) {
        return new BadCall(name, call, List.of(words));
    }

    private static Tensor f(Engine engine, long... sizes) {
        return engine.full(0.5, DType.F32, sizes);
    }

    static List<BadCall> all() {
        return Stream.of(elementwise(), views(), joining(), products(), others())
                .flatMap(List::stream)
                .toList();
    }

    private static List<BadCall> elementwise() {
        return List.of(
                of("add", e -> f(e, 2, 3).add(f(e, 4)), "add", "[2, 3]", "[4]"),
                of("sub", e -> f(e, 2, 3).sub(f(e, 2)), "sub", "[2, 3]", "[2]"),
                of("mul", e -> f(e, 2, 3).mul(f(e, 3, 2)), "mul", "[2, 3]", "[3, 2]"),
                of("div", e -> f(e, 5).div(f(e, 4)), "div", "[5]", "[4]"),
                of("addInPlace", e -> f(e, 3).addInPlace(f(e, 2, 3)), "addInPlace", "[3]", "[2, 3]"),
                of("copyFrom", e -> f(e, 3).copyFrom(f(e, 4)), "copyFrom", "[3]", "[4]"),
                of("softmax", e -> f(e, 2, 3).softmax(2), "softmax", "[2, 3]", "2"),
                of("sum", e -> f(e, 2, 3).sum(-3), "sum", "[2, 3]", "-3"),
                of("mean of integers", e -> e.arange(0, 3).mean(0), "mean", "[3]", "I64"),
                of("max of nothing", e -> f(e, 0, 3).max(0), "max", "[0, 3]"),
                of("topK", e -> f(e, 2, 3).topK(4), "topK", "[2, 3]"),
                of("toLongs of floats", e -> f(e, 2, 3).toLongs(), "toLongs", "[2, 3]", "F32"));
    }

    private static List<BadCall> views() {
        return List.of(
                of("reshape", e -> f(e, 2, 3).reshape(4, 2), "reshape", "[2, 3]", "[4, 2]"),
                of("permute", e -> f(e, 2, 3).permute(0, 0), "permute", "[2, 3]"),
                of("transpose", e -> f(e, 2, 3).transpose(0, 2), "transpose", "[2, 3]", "2"),
                of("slice", e -> f(e, 2, 3).slice(1, 2, 5), "slice", "[2, 3]"),
                of("backward slice", e -> f(e, 2, 3).slice(1, 2, 1), "slice", "[2, 3]"),
                of("select", e -> f(e, 2, 3).select(0, 2), "select", "[2, 3]", "2"),
                of("squeeze", e -> f(e, 2, 3).squeeze(0), "squeeze", "[2, 3]"),
                of("expand", e -> f(e, 2, 3).expand(2, 6), "expand", "[2, 3]", "[2, 6]"),
                of("chunk", e -> f(e, 2, 5).chunk(2, 1), "chunk", "[2, 5]", "2"),
                of("chunk along no axis", e -> f(e, 2, 5).chunk(2, 2), "chunk", "[2, 5]", "2"));
    }

    private static List<BadCall> joining() {
        return List.of(
                of("cat", e -> e.cat(List.of(f(e, 2, 3), f(e, 3, 4)), 0), "cat", "[2, 3]", "[3, 4]"),
                of("cat of nothing", e -> e.cat(List.of(), 0), "cat"),
                of("stack", e -> e.stack(List.of(f(e, 2), f(e, 3)), 0), "stack", "[2]", "[3]"),
                of("gather", e -> e.gather(f(e, 2, 3), e.arange(1, 3)), "gather", "[2, 3]", "[2]"),
                of("gather by floats", e -> e.gather(f(e, 2, 3), f(e, 1)), "gather", "[2, 3]", "F32"),
                of(
                        "scatterRows",
                        e -> e.scatterRows(f(e, 4, 3), e.arange(0, 2), f(e, 2, 5)),
                        "scatterRows",
                        "[4, 3]",
                        "[2, 5]"),
                of(
                        "scatterRows beyond the table",
                        e -> e.scatterRows(f(e, 4, 3), e.arange(3, 5), f(e, 2, 3)),
                        "scatterRows",
                        "[4, 3]"),
                of("where", e -> e.where(f(e, 2).to(DType.BOOL), f(e, 3), f(e, 3)), "where", "[2]", "[3]"),
                of("of", e -> e.of(new float[] {1, 2, 3}, 2, 2), "of", "[2, 2]", "3"),
                of("copyOf", e -> e.copyOf(ByteBuffer.allocate(9), DType.F32, Shape.of(2)), "copyOf", "[2]", "9"),
                of("wrap", e -> e.wrap(ByteBuffer.allocateDirect(9), DType.U8, Shape.of(2, 2)), "wrap", "[2, 2]", "9"),
                of("arange", e -> e.arange(3, 2), "arange", "3", "2"));
    }

    private static List<BadCall> products() {
        Optional<Tensor> none = Optional.empty();
        return List.of(
                of("matmul", e -> e.matmul(f(e, 2, 3), f(e, 4, 2)), "matmul", "[2, 3]", "[4, 2]"),
                of(
                        "matmul of batches",
                        e -> e.matmul(f(e, 2, 2, 3), f(e, 3, 3, 2)),
                        "matmul",
                        "[2, 2, 3]",
                        "[3, 3, 2]"),
                of("linear", e -> e.linear(f(e, 2, 3), f(e, 4, 5), none), "linear", "[2, 3]", "[4, 5]"),
                of(
                        "linear with a bias too long",
                        e -> e.linear(f(e, 2, 3), f(e, 4, 3), Optional.of(f(e, 5))),
                        "linear",
                        "[4, 3]",
                        "[5]"),
                of(
                        "linear of two types",
                        e -> e.linear(f(e, 2, 3), f(e, 4, 3).to(DType.BF16), none),
                        "linear",
                        "F32",
                        "BF16"),
                of(
                        "linear on a quantised weight",
                        e -> {
                            try (var weight = e.quantize(f(e, 4, 32), new Quantization.Int8PerChannel())) {
                                e.linear(f(e, 2, 3), weight, none);
                            }
                        },
                        "linear",
                        "[2, 3]",
                        "[4, 32]"),
                of(
                        "quantize",
                        e -> e.quantize(f(e, 4, 48), new Quantization.Int4Groups(32)),
                        "quantize",
                        "[4, 48]",
                        "32"),
                of(
                        "conv1d",
                        e -> e.conv1d(f(e, 1, 3, 5), f(e, 2, 4, 3), none, 1, 0, 1, 1),
                        "conv1d",
                        "[1, 3, 5]",
                        "[2, 4, 3]"),
                of(
                        "convTranspose1d",
                        e -> e.convTranspose1d(f(e, 1, 3, 5), f(e, 2, 4, 3), none, 1, 0),
                        "convTranspose1d",
                        "[1, 3, 5]",
                        "[2, 4, 3]"),
                of(
                        "conv2d",
                        e -> e.conv2d(f(e, 1, 3, 5, 5), f(e, 2, 4, 3, 3), none, 1, 0),
                        "conv2d",
                        "[1, 3, 5, 5]",
                        "[2, 4, 3, 3]"),
                of(
                        "conv2d 1x1",
                        e -> e.conv2d(f(e, 1, 3, 5, 5), f(e, 2, 4, 1, 1), none, 1, 0),
                        "conv2d",
                        "[1, 3, 5, 5]",
                        "[2, 4, 1, 1]"),
                of(
                        "conv2d of too little",
                        e -> e.conv2d(f(e, 1, 3, 2, 2), f(e, 2, 3, 3, 3), none, 1, 0),
                        "conv2d",
                        "[1, 3, 2, 2]",
                        "[2, 3, 3, 3]"),
                of(
                        "conv2d of a clip",
                        e -> e.conv2d(f(e, 1, 3, 4, 5, 5), f(e, 2, 3, 3, 3), none, 1, 0),
                        "conv2d",
                        "[1, 3, 4, 5, 5]",
                        "[2, 3, 3, 3]"),
                of(
                        "conv3d",
                        e -> e.conv3d(f(e, 1, 3, 4, 5, 5), f(e, 2, 4, 3, 1, 1), none, 1, 0, 0),
                        "conv3d",
                        "[1, 3, 4, 5, 5]",
                        "[2, 4, 3, 1, 1]"),
                of(
                        "conv3d of too few frames",
                        e -> e.conv3d(f(e, 1, 3, 2, 5, 5), f(e, 2, 3, 3, 1, 1), none, 0, 0, 0),
                        "conv3d",
                        "[1, 3, 2, 5, 5]",
                        "[2, 3, 3, 1, 1]"),
                of(
                        "conv3d of an image",
                        e -> e.conv3d(f(e, 1, 3, 5, 5), f(e, 2, 3, 3, 1, 1), none, 1, 0, 0),
                        "conv3d",
                        "[1, 3, 5, 5]",
                        "[2, 3, 3, 1, 1]"),
                of(
                        "conv3d with a bias too long",
                        e -> e.conv3d(f(e, 1, 3, 4, 5, 5), f(e, 2, 3, 3, 1, 1), Optional.of(f(e, 3)), 1, 0, 0),
                        "conv3d",
                        "[2, 3, 3, 1, 1]",
                        "[3]"));
    }

    private static List<BadCall> others() {
        return List.of(
                of(
                        "groupNorm",
                        e -> e.groupNorm(f(e, 2, 6, 4), 3, f(e, 5), f(e, 6), 1e-5),
                        "groupNorm",
                        "[2, 6, 4]",
                        "[5]"),
                of(
                        "groupNorm in uneven groups",
                        e -> e.groupNorm(f(e, 2, 6, 4), 4, f(e, 6), f(e, 6), 1e-5),
                        "groupNorm",
                        "[2, 6, 4]"),
                of(
                        "groupNormSilu",
                        e -> e.groupNormSilu(f(e, 2, 6, 4), 3, f(e, 6), f(e, 7), 1e-5),
                        "groupNormSilu",
                        "[2, 6, 4]",
                        "[7]"),
                of("layerNorm", e -> e.layerNorm(f(e, 2, 6), f(e, 5), f(e, 5), 1e-5), "layerNorm", "[2, 6]", "[5]"),
                of("rmsNorm", e -> e.rmsNorm(f(e, 2, 6), f(e, 5), 1e-5), "rmsNorm", "[2, 6]", "[5]"),
                of(
                        "attention",
                        e -> e.attention(f(e, 1, 2, 3, 8), f(e, 1, 2, 4, 6), f(e, 1, 2, 4, 6), AttentionMask.NONE, 1),
                        "attention",
                        "[1, 2, 3, 8]",
                        "[1, 2, 4, 6]"),
                of(
                        "attention with unequal keys and values",
                        e -> e.attention(f(e, 1, 2, 3, 8), f(e, 1, 2, 4, 8), f(e, 1, 2, 5, 8), AttentionMask.NONE, 1),
                        "attention",
                        "[1, 2, 4, 8]",
                        "[1, 2, 5, 8]"),
                of(
                        "attention with heads that cannot be shared",
                        e -> e.attention(f(e, 1, 3, 3, 8), f(e, 1, 2, 4, 8), f(e, 1, 2, 4, 8), AttentionMask.NONE, 1),
                        "attention",
                        "[1, 3, 3, 8]",
                        "[1, 2, 4, 8]"),
                of(
                        "causal attention with more queries than keys",
                        e -> e.attention(f(e, 1, 2, 5, 8), f(e, 1, 2, 4, 8), f(e, 1, 2, 4, 8), AttentionMask.CAUSAL, 1),
                        "attention",
                        "[1, 2, 5, 8]",
                        "[1, 2, 4, 8]"),
                of(
                        "attention with a bias of another size",
                        e -> e.attention(
                                f(e, 1, 2, 3, 8),
                                f(e, 1, 2, 4, 8),
                                f(e, 1, 2, 4, 8),
                                new AttentionMask.Bias(f(e, 1, 1, 3, 5)),
                                1),
                        "attention",
                        "[1, 2, 3, 8]",
                        "[1, 1, 3, 5]"),
                of(
                        "rotary",
                        e -> e.rotary(f(e, 1, 2, 3, 8), f(e, 3, 3), f(e, 3, 3)),
                        "rotary",
                        "[1, 2, 3, 8]",
                        "[3, 3]"),
                of(
                        "rotary of other positions",
                        e -> e.rotary(f(e, 1, 2, 3, 8), f(e, 5, 4), f(e, 5, 4)),
                        "rotary",
                        "[1, 2, 3, 8]",
                        "[5, 4]"),
                of("geglu", e -> e.geglu(f(e, 2, 7)), "geglu", "[2, 7]"),
                of("swiglu", e -> e.swiglu(f(e, 2, 7), f(e, 2, 6)), "swiglu", "[2, 7]", "[2, 6]"),
                of("upsampleNearest", e -> e.upsampleNearest(f(e, 3, 4, 5), 8, 8), "upsampleNearest", "[3, 4, 5]"),
                of(
                        "upsampleBilinear",
                        e -> e.upsampleBilinear(f(e, 1, 3, 4, 5), 0, 8),
                        "upsampleBilinear",
                        "[1, 3, 4, 5]"),
                of("avgPool2d", e -> e.avgPool2d(f(e, 1, 3, 4, 5), 7), "avgPool2d", "[1, 3, 4, 5]"),
                of("pad", e -> e.pad(f(e, 2, 3), 1), "pad", "[2, 3]"));
    }
}
