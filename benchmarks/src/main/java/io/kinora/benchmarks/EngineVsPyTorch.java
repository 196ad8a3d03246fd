package io.kinora.benchmarks;

import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Times the engine's operations against PyTorch's in one run: the two take turns, operation by operation, with the same shapes and threads, and the
 * medians are compared.
 *
 * <p>{@code EngineVsPyTorch [rounds] [python]}; needs a Python with PyTorch, and the working folder at the project's root.
 */
public final class EngineVsPyTorch {
    private static final int DEFAULT_ROUNDS = 15;
    private static final double SECONDS_PER_ROUND = 0.15;

    /** An operation with its work: floating-point operations where these decide, else bytes. */
    private record Operation(String name, String shape, double work, String unit, Runnable run) {}

    private EngineVsPyTorch() {}

    /** Prints a Markdown table. */
    public static void main(String[] args) throws IOException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : DEFAULT_ROUNDS;
        String python = args.length > 1 ? args[1] : "python3";
        int threads = Integer.getInteger("kinora.threads", Runtime.getRuntime().availableProcessors());
        Process peer = new ProcessBuilder(python, "tools/benchmarks/engine_pytorch.py", Integer.toString(threads))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (Engine engine = Engines.open("libtorch", Device.CPU);
                PrintWriter ask = new PrintWriter(peer.getOutputStream(), true, StandardCharsets.UTF_8);
                BufferedReader answers =
                        new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.UTF_8))) {
            PrintStream out = System.out;
            out.printf("%d threads, %d rounds, medians%n%n", threads, rounds);
            out.println("| operation | shape | Kinora | PyTorch | Kinora / PyTorch |");
            out.println("| --- | --- | --- | --- | --- |");
            for (Operation operation : operations(engine)) {
                compare(engine, operation, rounds, ask, answers, out);
            }
        } finally {
            peer.destroy();
        }
    }

    private static void compare(
            Engine engine, Operation operation, int rounds, PrintWriter ask, BufferedReader answers, PrintStream out)
            throws IOException {
        seconds(engine, operation, 2);
        int calls = (int) Math.max(2, SECONDS_PER_ROUND / seconds(engine, operation, 2));
        peerSeconds(operation, 2, ask, answers);
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            ours.add(seconds(engine, operation, calls));
            theirs.add(peerSeconds(operation, calls, ask, answers));
            ratios.add(ours.get(round) / theirs.get(round));
        }
        out.printf(
                Locale.ROOT,
                "| %s | %s | %.1f %s | %.1f %s | %.2f |%n",
                operation.name(),
                operation.shape(),
                operation.work() / median(ours) / 1e9,
                operation.unit(),
                operation.work() / median(theirs) / 1e9,
                operation.unit(),
                median(ratios));
    }

    private static double seconds(Engine engine, Operation operation, int calls) {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            try (Scope scope = engine.scope()) {
                operation.run().run();
            }
        }
        return (System.nanoTime() - start) / 1e9 / calls;
    }

    private static double peerSeconds(Operation operation, int calls, PrintWriter ask, BufferedReader answers)
            throws IOException {
        ask.println(operation.name() + ";" + calls);
        return Double.parseDouble(answers.readLine());
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    private static List<Operation> operations(Engine engine) {
        TorchRandom random = new TorchRandom(0);
        Tensor a = random.normal(engine, 1024, 1024);
        Tensor b = random.normal(engine, 1024, 1024);
        Tensor row = random.normal(engine, 1, 4096);
        Tensor square = random.normal(engine, 4096, 4096);
        Tensor x = random.normal(engine, 257, 1408);
        Tensor w = random.normal(engine, 6144, 1408);
        Tensor bias = random.normal(engine, 6144);
        Tensor image = random.normal(engine, 16, 320, 32, 32);
        Tensor k2 = random.normal(engine, 320, 320, 3, 3);
        Tensor kb = random.normal(engine, 320);
        Tensor clip = random.normal(engine, 1, 320, 16, 32, 32);
        Tensor k3 = random.normal(engine, 320, 320, 3, 1, 1);
        Tensor q = random.normal(engine, 16, 5, 1024, 64);
        Tensor k = random.normal(engine, 16, 5, 1024, 64);
        Tensor v = random.normal(engine, 16, 5, 1024, 64);
        Tensor rows = random.normal(engine, 16384, 320);
        Tensor rw = random.normal(engine, 320);
        Tensor rb = random.normal(engine, 320);
        double rowBytes = 2.0 * 16384 * 320 * 4;
        return List.of(
                new Operation(
                        "matmul", "1024 × 1024 × 1024", 2.0 * 1024 * 1024 * 1024, "GFLOP/s", () -> engine.matmul(a, b)),
                new Operation(
                        "matvec",
                        "1 × 4096 × 4096",
                        4.0 * 4096 * 4096,
                        "GB/s",
                        () -> engine.linear(row, square, Optional.empty())),
                new Operation(
                        "linear",
                        "257 × 1408 × 6144",
                        2.0 * 257 * 1408 * 6144,
                        "GFLOP/s",
                        () -> engine.linear(x, w, Optional.of(bias))),
                new Operation(
                        "conv2d",
                        "16 × 320 × 32 × 32, 3 × 3",
                        2.0 * 16 * 1024 * 320 * 320 * 9,
                        "GFLOP/s",
                        () -> engine.conv2d(image, k2, Optional.of(kb), 1, 1)),
                new Operation(
                        "conv3d",
                        "320 × 16 × 32 × 32, 3 × 1 × 1",
                        2.0 * 16 * 1024 * 320 * 320 * 3,
                        "GFLOP/s",
                        () -> engine.conv3d(clip, k3, Optional.of(kb), 1, 0, 0)),
                new Operation(
                        "attention",
                        "16 × 5 × 1024 × 64",
                        4.0 * 16 * 5 * 1024 * 1024 * 64,
                        "GFLOP/s",
                        () -> engine.attention(q, k, v, AttentionMask.NONE, 0.125)),
                new Operation(
                        "layer norm", "16384 × 320", rowBytes, "GB/s", () -> engine.layerNorm(rows, rw, rb, 1e-5)),
                new Operation("rms norm", "16384 × 320", rowBytes, "GB/s", () -> engine.rmsNorm(rows, rw, 1e-6)),
                new Operation(
                        "group norm",
                        "16 × 320 × 32 × 32, 32 groups",
                        rowBytes,
                        "GB/s",
                        () -> engine.groupNorm(image, 32, rw, rb, 1e-5)),
                new Operation("softmax", "16384 × 320", rowBytes, "GB/s", () -> rows.softmax(-1)),
                new Operation("gelu", "16384 × 320", rowBytes, "GB/s", rows::gelu));
    }
}
