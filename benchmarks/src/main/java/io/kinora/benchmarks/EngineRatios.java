package io.kinora.benchmarks;

import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.QuantizedWeight;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Times one engine's operations against another's: the two take turns, with the same numbers and threads, and the fastest rounds are compared,
 * which other work on the machine disturbs least.
 *
 * <p>{@code EngineRatios [rounds] [engine] [operation …]}, by default ND4J's against libtorch's, all operations. ND4J is there with {@code
 * KINORA_PROFILES=nd4j benchmarks/run EngineRatios}.
 */
public final class EngineRatios {
    private static final int DEFAULT_ROUNDS = 7;
    private static final double SECONDS_PER_ROUND = 0.05;
    private static final Optional<Tensor> NONE = Optional.empty();

    private EngineRatios() {}

    /** Prints a Markdown table, the largest ratio first. */
    public static void main(String[] args) {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : DEFAULT_ROUNDS;
        String name = args.length > 1 ? args[1] : "nd4j";
        List<String> wanted = List.of(args).subList(Math.min(2, args.length), args.length);
        try (Engine libtorch = Engines.open("libtorch", Device.CPU);
                Engine other = Engines.open(name, Device.CPU);
                Scope theirs = libtorch.scope();
                Scope ours = other.scope()) {
            Map<String, Runnable> reference = operations(libtorch);
            Map<String, Runnable> measured = operations(other);
            if (!wanted.isEmpty()) {
                measured.keySet().removeIf(operation -> wanted.stream().noneMatch(operation::startsWith));
            }
            List<Row> rows = new ArrayList<>();
            measured.forEach((operation, run) ->
                    rows.add(compare(operation, other, run, libtorch, reference.get(operation), rounds)));
            rows.sort((a, b) -> Double.compare(b.ratio(), a.ratio()));
            System.out.printf("| operation | %s ms | libtorch ms | ratio |%n| --- | --- | --- | --- |%n", name);
            rows.forEach(row -> System.out.printf(
                    Locale.ROOT,
                    "| %s | %.3f | %.3f | %.1f |%n",
                    row.operation(),
                    1e3 * row.seconds(),
                    1e3 * row.reference(),
                    row.ratio()));
        }
    }

    private record Row(String operation, double seconds, double reference) {
        double ratio() {
            return seconds / reference;
        }
    }

    private static Row compare(
            String operation, Engine engine, Runnable run, Engine libtorch, Runnable reference, int rounds) {
        int calls = calls(engine, run);
        int referenceCalls = calls(libtorch, reference);
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            ours.add(seconds(engine, run, calls));
            theirs.add(seconds(libtorch, reference, referenceCalls));
        }
        return new Row(operation, Collections.min(ours), Collections.min(theirs));
    }

    /** How many fill a round, once the operation is warm. */
    private static int calls(Engine engine, Runnable run) {
        seconds(engine, run, 2);
        return (int) Math.max(1, Math.min(2_000, SECONDS_PER_ROUND / seconds(engine, run, 2)));
    }

    private static double seconds(Engine engine, Runnable run, int calls) {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            try (Scope scope = engine.scope()) {
                run.run();
            }
        }
        return (System.nanoTime() - start) / 1e9 / calls;
    }

    /** Shapes as small models have them: a frame's tokens, a level of a U-Net, a step of a language model. */
    private static Map<String, Runnable> operations(Engine e) {
        TorchRandom random = new TorchRandom(0);
        Map<String, Runnable> operations = new LinkedHashMap<>();
        Tensor rows = random.normal(e, 4096, 320);
        Tensor more = random.normal(e, 4096, 320);
        Tensor vector = random.normal(e, 320);
        Tensor image = random.normal(e, 8, 160, 32, 32);
        Tensor clip = random.normal(e, 1, 160, 8, 32, 32);
        Tensor channels = random.normal(e, 160);
        products(operations, e, random, rows);
        convolutions(operations, e, random, image, clip, channels);

        operations.put("group norm 8×160×32×32", () -> e.groupNorm(image, 32, channels, channels, 1e-5));
        operations.put("group norm and SiLU", () -> e.groupNormSilu(image, 32, channels, channels, 1e-5));
        operations.put("layer norm 4096×320", () -> e.layerNorm(rows, vector, vector, 1e-5));
        operations.put("RMS norm", () -> e.rmsNorm(rows, vector, 1e-6));
        attention(operations, e, random);
        operations.put("geglu", () -> e.geglu(rows));
        operations.put("swiglu", () -> e.swiglu(rows, more));

        operations.put("upsample nearest 2×", () -> e.upsampleNearest(image, 64, 64));
        operations.put("upsample bilinear to 48", () -> e.upsampleBilinear(image, 48, 48));
        operations.put("average pool 2×2", () -> e.avgPool2d(image, 2));
        operations.put("pad", () -> e.pad(image, 1, 1, 1, 1));

        operations.put("cat", () -> e.cat(List.of(rows, more), 1));
        operations.put("stack", () -> e.stack(List.of(rows, more), 0));
        Tensor ids = e.arange(0, 512).mul(7);
        operations.put("gather 512 rows", () -> e.gather(rows, ids));
        operations.put("scatter 64 rows", () -> e.scatterRows(rows, ids.slice(0, 0, 64), more.slice(0, 0, 64)));
        Tensor mask = rows.relu().to(DType.BOOL);
        operations.put("where", () -> e.where(mask, rows, more));
        Tensor into = e.zeros(DType.F32, 4096, 320);
        operations.put("copy into place", () -> into.copyFrom(rows));
        operations.put("transposed to row-major", () -> rows.transpose(0, 1).contiguous());

        operations.put("add", () -> rows.add(more));
        operations.put("add a vector", () -> rows.add(vector));
        operations.put("add in place", () -> into.addInPlace(rows));
        operations.put("times a number", () -> rows.mul(0.5));
        operations.put("divide", () -> rows.div(more));
        operations.put("exp", rows::exp);
        operations.put("sin", rows::sin);
        operations.put("clamp", () -> rows.clamp(-1, 1));
        operations.put("round", rows::round);
        operations.put("SiLU", rows::silu);
        operations.put("GELU", rows::gelu);
        operations.put("quick GELU", rows::quickGelu);
        operations.put("tanh", rows::tanh);
        operations.put("leaky ReLU", () -> rows.leakyRelu(0.1));
        operations.put("to BF16", () -> rows.to(DType.BF16));
        Tensor half = rows.to(DType.BF16);
        operations.put("from BF16", () -> half.to(DType.F32));
        operations.put("softmax 4096×320", () -> rows.softmax(-1));
        operations.put("log softmax", () -> rows.logSoftmax(-1));
        operations.put("sum", () -> rows.sum(-1));
        operations.put("mean of columns", () -> rows.mean(0));
        operations.put("largest", () -> rows.max(-1));
        operations.put("where the largest is", () -> rows.argmax(-1));
        Tensor scores = random.normal(e, 1, 32000);
        operations.put("top 50 of 32000", () -> scores.topK(50));
        Tensor small = random.normal(e, 64);
        operations.put("add of 64 numbers (one call)", () -> small.add(small));
        operations.put("view (one call)", () -> rows.slice(0, 0, 64));
        return operations;
    }

    private static void products(Map<String, Runnable> operations, Engine e, TorchRandom random, Tensor rows) {
        Tensor a = random.normal(e, 512, 512);
        operations.put("matrix product 512³", () -> e.matmul(a, a));
        Tensor batch = random.normal(e, 16, 64, 256);
        operations.put("16 products 64×256×64", () -> e.matmul(batch, batch.transpose(1, 2)));
        Tensor weight = random.normal(e, 1280, 320);
        Tensor bias = random.normal(e, 1280);
        operations.put("linear 4096×320×1280", () -> e.linear(rows, weight, Optional.of(bias)));
        Tensor token = random.normal(e, 1, 2048);
        Tensor square = random.normal(e, 2048, 2048);
        operations.put("linear of one token, 2048×2048", () -> e.linear(token, square, NONE));
        Tensor halfToken = token.to(DType.BF16);
        Tensor halfSquare = square.to(DType.BF16);
        operations.put("the same in BF16", () -> e.linear(halfToken, halfSquare, NONE));
        QuantizedWeight int8 = e.quantize(square, new Quantization.Int8PerChannel());
        operations.put("the same on int8", () -> e.linear(token, int8, NONE));
        QuantizedWeight int4 = e.quantize(square, new Quantization.Int4Groups(32));
        operations.put("the same on int4", () -> e.linear(token, int4, NONE));
    }

    private static void convolutions(
            Map<String, Runnable> operations,
            Engine e,
            TorchRandom random,
            Tensor image,
            Tensor clip,
            Tensor channels) {
        Optional<Tensor> bias = Optional.of(channels);
        Tensor spatial = random.normal(e, 160, 160, 3, 3);
        operations.put("convolution 3×3, 8×160×32×32", () -> e.conv2d(image, spatial, bias, 1, 1));
        operations.put("convolution 3×3, stride 2", () -> e.conv2d(image, spatial, bias, 2, 1));
        Tensor pointwise = random.normal(e, 160, 160, 1, 1);
        operations.put("convolution 1×1", () -> e.conv2d(image, pointwise, bias, 1, 0));
        Tensor temporal = random.normal(e, 160, 160, 3, 1, 1);
        operations.put("convolution over frames, 3×1×1", () -> e.conv3d(clip, temporal, bias, 1, 0, 0));
        Tensor sound = random.normal(e, 1, 128, 4096);
        Tensor along = random.normal(e, 128, 128, 7);
        operations.put("convolution in one dimension, 7", () -> e.conv1d(sound, along, NONE, 1, 9, 3, 1));
        Tensor across = random.normal(e, 128, 64, 8);
        operations.put("transposed convolution, stride 4", () -> e.convTranspose1d(sound, across, NONE, 4, 2));
    }

    private static void attention(Map<String, Runnable> operations, Engine e, TorchRandom random) {
        Tensor q = random.normal(e, 8, 5, 256, 64);
        operations.put("attention 8×5×256×64", () -> e.attention(q, q, q, AttentionMask.NONE, 0.125));
        operations.put("causal attention", () -> e.attention(q, q, q, AttentionMask.CAUSAL, 0.125));
        Tensor one = random.normal(e, 1, 16, 1, 64);
        Tensor keys = random.normal(e, 1, 16, 1024, 64);
        operations.put("attention of one token to 1024", () -> e.attention(one, keys, keys, AttentionMask.NONE, 0.125));
        Tensor cos = random.normal(e, 256, 32);
        operations.put("rotary", () -> e.rotary(q, cos, cos));
    }
}
