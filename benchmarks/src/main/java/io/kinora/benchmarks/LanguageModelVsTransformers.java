package io.kinora.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.model.llm.KvCacheLayout;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.llm.LlamaStage;
import io.kinora.model.llm.StageBatch;
import io.kinora.model.llm.StageParts;
import io.kinora.model.nn.WeightBits;
import io.kinora.model.shard.LayerRange;
import io.kinora.model.vision.EvaConfig;
import io.kinora.model.vision.EvaVisionTransformer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Times Emu2's parts against what a user would run instead, in one run: a block of the visual encoder and LLaMA's layers against
 * transformers on PyTorch in single precision, and single tokens on int8 and int4 weights against llama.cpp on Q8_0 and Q4_0. The two
 * sides take turns with the same weights, shapes and threads; the first outputs in single precision are compared. Beside each stands
 * the floor: its operations at the rate of this run's fastest large product, or its bytes at the rate of this run's fastest pass over
 * memory, whichever takes longer.
 *
 * <p>{@code LanguageModelVsTransformers [rounds] [layers of LLaMA-1.1B] [cases, with commas between] [python]}; needs a Python with PyTorch,
 * transformers, gguf and llama-cpp-python, 12 GB of memory, and the working folder at the project's root.
 */
public final class LanguageModelVsTransformers {
    private static final double SECONDS_PER_ROUND = 0.3;
    private static final double SECONDS_TO_WARM_UP = 2; // a service compiles its code once
    private static final int PROMPT = 1100;
    /** Positions before the single tokens: few, since what is measured there is the reading of the weights. */
    private static final int BEFORE = 128;

    private static final int MOST_SEQUENCES = 8;

    private final Engine engine;
    private final int rounds;
    private final PythonPeer peer;
    private final Floor floor;
    private final PrintStream out;

    private LanguageModelVsTransformers(Engine engine, int rounds, PythonPeer peer, Floor floor, PrintStream out) {
        this.engine = engine;
        this.rounds = rounds;
        this.peer = peer;
        this.floor = floor;
        this.out = out;
    }

    /** Something timed; {@code flops} and {@code bytes} are the least that it must compute and read. */
    private record Operation(double flops, double bytes, Supplier<Tensor> run) {}

    /** A model on both sides: our weights in single precision or reduced to fewer bits, theirs in their nearest format. */
    private record Case(String name, String shape, Optional<WeightBits> bits) {
        String format() {
            return bits.map(b -> b == WeightBits.INT8 ? "q8_0" : "q4_0").orElse("f32");
        }

        String label() {
            return bits.map(b -> b == WeightBits.INT8 ? "int8, Q8_0" : "int4, Q4_0")
                    .orElse("fp32");
        }
    }

    /** Prints a Markdown table. */
    public static void main(String[] args) throws IOException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        int layers = args.length > 1 ? Integer.parseInt(args[1]) : 22;
        List<String> wanted = List.of((args.length > 2 ? args[2] : "eva,f32,int8,int4").split(","));
        String python = args.length > 3 ? args[3] : "python3";
        int threads = Integer.getInteger("kinora.threads", Runtime.getRuntime().availableProcessors());
        try (Engine engine = Engines.open("libtorch", Device.CPU);
                PythonPeer peer = PythonPeer.start(python, "language_peers.py", Integer.toString(threads))) {
            Floor floor = Floor.measure(engine);
            PrintStream out = System.out;
            out.printf(Locale.ROOT, "%d threads, %d rounds; in this run %s%n%n", threads, rounds, floor);
            out.println("| model | weights | what | Kinora | peer | Kinora's time / peer's | floor / Kinora's time |");
            out.println("| --- | --- | --- | --- | --- | --- | --- |");
            var benchmark = new LanguageModelVsTransformers(engine, rounds, peer, floor, out);
            for (String kind : wanted) {
                benchmark.runAll(kind, layers);
            }
        }
    }

    private void runAll(String kind, int layers) throws IOException {
        if (kind.equals("eva")) {
            runEva();
            return;
        }
        LlamaConfig small = llama(2048, 5632, layers, 32, 4);
        LlamaConfig large = llama(6656, 17920, 1, 52, 52);
        String smallName = "LLaMA-1.1B, %d layers".formatted(layers);
        if (kind.equals("f32")) {
            runLlama(new Case(smallName, "1.1b", Optional.empty()), small);
            runLlama(new Case("LLaMA-33B, 1 layer", "33b", Optional.empty()), large);
            return;
        }
        Optional<WeightBits> bits = Optional.of(WeightBits.named(kind));
        runLlama(new Case(smallName, "1.1b", bits), small);
        runLlama(new Case("LLaMA-33B, 1 layer", "33b", bits), large);
    }

    private static LlamaConfig llama(int hidden, int intermediate, int layers, int heads, int kvHeads) {
        return new LlamaConfig(
                hidden,
                intermediate,
                layers,
                heads,
                kvHeads,
                hidden / heads,
                8,
                1e-6,
                10_000,
                2048,
                false,
                1,
                List.of(2),
                OptionalInt.empty());
    }

    private void runEva() throws IOException {
        EvaConfig config = new EvaConfig(448, 14, 1792, 1, 16, 15360, 1e-6);
        try (TiledWeights weights = TiledWeights.of(engine);
                Scope scope = engine.scope();
                EvaVisionTransformer encoder = new EvaVisionTransformer(weights, config, Optional.empty())) {
            Tensor pixels = weights.noise("pixels", 1, 3, 448, 448);
            double T = config.tokens();
            double W = config.width();
            double patches = 2.0 * (T - 1) * W * 3 * 14 * 14;
            double flops = patches + 2 * T * (4 * W * W + 2 * W * config.hidden()) + 4 * T * T * W;
            Case eva = new Case("EVA-E, 1 block", "eva", Optional.empty());
            compare(eva, 1, Map.of("encode", new Operation(flops, 0, () -> encoder.forward(pixels)
                    .squeeze(0))));
        }
    }

    private void runLlama(Case model, LlamaConfig config) throws IOException {
        KvCacheLayout layout = KvCacheLayout.of(config, config.layers(), DType.F32);
        long cacheBytes = layout.bytesFor(MOST_SEQUENCES, 2 * BEFORE) + layout.bytesFor(1, 2 * PROMPT);
        Optional<Quantization> scheme =
                model.bits().map(bits -> bits.scheme(config.hiddenSize(), config.intermediateSize()));
        StageParts parts = new StageParts(LayerRange.all(config.layers()), false, true);
        try (TiledWeights weights = TiledWeights.of(engine);
                Scope scope = engine.scope();
                LlamaStage stage = new LlamaStage(weights, config, parts, scheme, cacheBytes)) {
            Tensor prompt = weights.noise("prompt", PROMPT, config.hiddenSize());
            Map<String, Operation> operations = new LinkedHashMap<>();
            if (scheme.isEmpty()) {
                operations.put("prefill", prefill(stage, prompt));
            }
            for (long sequence = 1; sequence <= MOST_SEQUENCES; sequence++) {
                stage.forward(StageBatch.of(sequence, 0, BEFORE), prompt.slice(0, 0, BEFORE));
            }
            operations.put("decode1", decode(stage, prompt, 1, scheme));
            operations.put("decode8", decode(stage, prompt, MOST_SEQUENCES, scheme));
            compare(model, config.layers(), operations);
        }
    }

    private static Operation prefill(LlamaStage stage, Tensor prompt) {
        LlamaConfig config = stage.config();
        double weights = (double) config.layers() * config.layerParameters();
        double attended = 2.0 * config.layers() * PROMPT * PROMPT * config.heads() * config.headWidth();
        StageBatch batch = StageBatch.of(0, 0, PROMPT);
        return new Operation(
                2 * weights * PROMPT + attended, weights * Float.BYTES, () -> stage.forward(batch, prompt));
    }

    private static Operation decode(LlamaStage stage, Tensor prompt, int batch, Optional<Quantization> scheme) {
        LlamaConfig config = stage.config();
        double weights = (double) config.layers() * config.layerParameters();
        double keysAndValues = stage.cache().layout().positionBytes() * (double) BEFORE * batch;
        StageBatch step = new StageBatch(LongStream.rangeClosed(1, batch)
                .mapToObj(sequence -> new StageBatch.Segment(sequence, BEFORE, 1))
                .toList());
        Tensor rows = prompt.slice(0, 0, batch);
        return new Operation(
                2 * weights * batch, weights * bytesPerWeight(scheme) + keysAndValues, () -> stage.forward(step, rows));
    }

    private static double bytesPerWeight(Optional<Quantization> scheme) {
        if (scheme.isEmpty()) {
            return Float.BYTES;
        }
        // A group of int4 has a scale and a zero point of two bytes each.
        return scheme.get() instanceof Quantization.Int4Groups groups ? 0.5 + 4.0 / groups.groupSize() : 1;
    }

    private void compare(Case model, int layers, Map<String, Operation> operations) throws IOException {
        JsonNode loaded = peer.ask("load %s %d %s".formatted(model.shape(), layers, model.format()));
        boolean hasPeer = !loaded.has("missing");
        for (Map.Entry<String, Operation> entry : operations.entrySet()) {
            String name = entry.getKey();
            Operation operation = entry.getValue();
            double first = seconds(operation, 1);
            double warm = seconds(operation, (int) Math.max(1, SECONDS_TO_WARM_UP / first));
            int calls = (int) Math.max(1, SECONDS_PER_ROUND / warm);
            if (hasPeer) {
                peer.ask("run %s 1".formatted(name));
            }
            List<Double> ours = new ArrayList<>();
            List<Double> theirs = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                ours.add(seconds(operation, calls));
                if (hasPeer) {
                    theirs.add(peer.ask("run %s %d".formatted(name, calls))
                            .get("seconds")
                            .asDouble());
                }
            }
            if (hasPeer && model.bits().isEmpty()) {
                requireEqual(name, operation);
            }
            row(model, name, operation, ours, theirs);
        }
        peer.ask("forget");
    }

    private void row(Case model, String name, Operation operation, List<Double> ours, List<Double> theirs) {
        out.printf(
                Locale.ROOT,
                "| %s | %s | %s | %.1f ms | %s | %s | %.2f |%n",
                model.name(),
                model.label(),
                name,
                median(ours) * 1e3,
                theirs.isEmpty() ? "not there" : String.format(Locale.ROOT, "%.1f ms", median(theirs) * 1e3),
                theirs.isEmpty() ? "" : String.format(Locale.ROOT, "%.2f", median(ours) / median(theirs)),
                floor.seconds(operation.flops(), operation.bytes()) / Collections.min(ours));
        out.flush();
    }

    private double seconds(Operation operation, int calls) {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            try (Scope scope = engine.scope()) {
                operation.run().get().close();
            }
        }
        return (System.nanoTime() - start) / 1e9 / calls;
    }

    /** Both sides must compute the same numbers, or their times could not be compared. */
    private void requireEqual(String name, Operation operation) throws IOException {
        JsonNode want = peer.ask("output " + name).get("values");
        try (Scope scope = engine.scope()) {
            Tensor rows = operation.run().get();
            float[] got = rows.select(0, rows.dim(0) - 1).toFloats();
            double worst = 0;
            double peak = 0;
            for (int i = 0; i < want.size(); i++) {
                worst = Math.max(worst, Math.abs(got[i] - want.get(i).asDouble()));
                peak = Math.max(peak, Math.abs(want.get(i).asDouble()));
            }
            if (!(worst <= 1e-3 * peak)) {
                throw new IllegalStateException("%s differs by %g of %g".formatted(name, worst, peak));
            }
        }
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
