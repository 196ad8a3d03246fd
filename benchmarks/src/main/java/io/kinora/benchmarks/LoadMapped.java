package io.kinora.benchmarks;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.LoadStatistics;
import io.kinora.model.llm.KvCacheLayout;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.llm.LlamaStage;
import io.kinora.model.llm.StageBatch;
import io.kinora.model.llm.StageParts;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * Loads a language model of 2 GB in single precision from a mapped file: how long it takes, and how much memory of the machine's is
 * resident then and after every weight has been used.
 *
 * <p>{@code LoadMapped [rounds]}; writes the file into the system's folder for temporary files and removes it. Linux only.
 */
public final class LoadMapped {
    private static final int DEFAULT_ROUNDS = 5;
    private static final long SEED = 5;
    private static final LlamaConfig CONFIG = new LlamaConfig(
            2048, 5632, 11, 32, 4, 64, 4000, 1e-5, 10_000, 2048, false, 1, List.of(2), OptionalInt.empty());

    private LoadMapped() {}

    /** Prints a Markdown table. With a file as its second argument, measures that one in this process. */
    public static void main(String[] args) throws IOException, InterruptedException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : DEFAULT_ROUNDS;
        if (args.length > 1) {
            measure(Path.of(args[1]), rounds, System.out);
            return;
        }
        Path folder = Files.createTempDirectory("load-mapped");
        Path file = folder.resolve("model.safetensors");
        try {
            write(file);
            measureAlone(file, rounds);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    /** In a process of its own, so that writing the file leaves nothing in its memory. */
    private static void measureAlone(Path file, int rounds) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-Xmx40m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(LoadMapped.class.getName(), Integer.toString(rounds), file.toString()));
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IllegalStateException("the measuring process ended with status " + status);
        }
    }

    private static void measure(Path file, int rounds, PrintStream out) throws IOException {
        double size = Files.size(file);
        try (Engine engine = Engines.open("libtorch", Device.CPU)) {
            warmUp(engine);
            long before = resident();
            List<Double> seconds = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                long start = System.nanoTime();
                try (Checkpoint checkpoint = Checkpoint.open(file, engine, CheckpointOptions.DEFAULT);
                        LlamaStage model = load(checkpoint)) {
                    seconds.add((System.nanoTime() - start) / 1e9);
                    if (round == rounds - 1) {
                        report(checkpoint, model, size, before, seconds, out);
                    }
                }
            }
        }
    }

    private static void report(
            Checkpoint checkpoint, LlamaStage model, double size, long before, List<Double> seconds, PrintStream out)
            throws IOException {
        long loaded = resident();
        LoadStatistics statistics = checkpoint.statistics();
        useEveryWeight(model);
        long used = resident();
        Collections.sort(seconds);
        out.println("| | |");
        out.println("| --- | --- |");
        out.printf(Locale.ROOT, "| file | %.2f GB, %d tensors |%n", size / 1e9, statistics.tensors());
        out.printf(
                Locale.ROOT,
                "| load, smallest and median of %d | %.3f s, %.3f s |%n",
                seconds.size(),
                seconds.get(0),
                seconds.get(seconds.size() / 2));
        out.printf(
                Locale.ROOT,
                "| mapped, copied | %.2f GB, %.2f GB |%n",
                statistics.mappedBytes() / 1e9,
                statistics.copiedBytes() / 1e9);
        out.printf(Locale.ROOT, "| resident by loading | %.3f × file |%n", (loaded - before) / size);
        out.printf(
                Locale.ROOT, "| resident by loading and using every weight | %.3f × file |%n", (used - before) / size);
        out.printf(Locale.ROOT, "| whole process, JVM and libtorch included | %.3f × file |%n", used / size);
    }

    private static void useEveryWeight(LlamaStage model) {
        int piece = 16; // what is computed takes little memory beside the weights
        for (int token = 0; token < CONFIG.vocabSize(); token += piece) {
            try (Scope scope = model.engine().scope()) {
                Tensor rows = model.embed(model.engine().arange(token, token + piece));
                if (token == 0) {
                    model.logits(model.forward(StageBatch.of(0, 0, piece), rows))
                            .toFloats();
                }
            }
        }
    }

    private static LlamaStage load(Checkpoint checkpoint) {
        long cacheBytes = KvCacheLayout.of(CONFIG, CONFIG.layers(), DType.F32).bytesFor(1, 64);
        return checkpoint.load(weights ->
                new LlamaStage(weights, CONFIG, StageParts.whole(CONFIG.layers()), Optional.empty(), cacheBytes));
    }

    /** What the first product allocates for good is not the checkpoint's. */
    private static void warmUp(Engine engine) {
        try (Scope scope = engine.scope()) {
            Tensor square = engine.full(1, DType.F32, 512, 512);
            engine.matmul(square, square).sum(0).toFloats();
        }
    }

    private static void write(Path file) throws IOException {
        List<SafetensorsWriter.Entry> tensors = new ArrayList<>();
        long D = CONFIG.hiddenSize();
        long kv = (long) CONFIG.kvHeads() * CONFIG.headWidth();
        long M = CONFIG.intermediateSize();
        add(tensors, "model.embed_tokens", CONFIG.vocabSize(), D);
        for (int i = 0; i < CONFIG.layers(); i++) {
            String layer = "model.layers." + i;
            add(tensors, layer + ".input_layernorm", D);
            add(tensors, layer + ".post_attention_layernorm", D);
            add(tensors, layer + ".self_attn.q_proj", D, D);
            add(tensors, layer + ".self_attn.k_proj", kv, D);
            add(tensors, layer + ".self_attn.v_proj", kv, D);
            add(tensors, layer + ".self_attn.o_proj", D, D);
            add(tensors, layer + ".mlp.gate_proj", M, D);
            add(tensors, layer + ".mlp.up_proj", M, D);
            add(tensors, layer + ".mlp.down_proj", D, M);
        }
        add(tensors, "model.norm", D);
        add(tensors, "lm_head", CONFIG.vocabSize(), D);
        SafetensorsWriter.write(file, tensors, Map.of());
    }

    private static void add(List<SafetensorsWriter.Entry> tensors, String module, long... sizes) {
        Shape shape = Shape.of(sizes);
        tensors.add(new SafetensorsWriter.Entry(module + ".weight", DType.F32, shape, () -> random(shape)));
    }

    private static ByteBuffer random(Shape shape) {
        SplittableRandom random = new SplittableRandom(SEED);
        int count = Math.toIntExact(shape.elements());
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(count, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(i * Float.BYTES, (random.nextInt(2001) - 1000) * 3e-5f);
        }
        return bytes;
    }

    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
