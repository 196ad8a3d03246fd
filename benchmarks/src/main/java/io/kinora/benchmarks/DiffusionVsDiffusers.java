package io.kinora.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.decoder.nn.TimeSchedule;
import io.kinora.decoder.unet.Conditioning;
import io.kinora.decoder.unet.StageRange;
import io.kinora.decoder.unet.UNet3dConditionModel;
import io.kinora.decoder.unet.UNet3dConfig;
import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.decoder.unet.UNetState;
import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.decoder.vae.Slicing;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointOptions;
import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.safetensors.SafetensorsFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/**
 * Kinora's diffusion networks against diffusers on PyTorch: the same weights, the same inputs, on the same machine with as many threads,
 * one run after the other in turn. Prints a Markdown table.
 *
 * <p>Arguments: how often each side runs (default 5), the Python to use (default {@code python3}), threads (default one a processor), and
 * cases, with commas between (default all). Beside the ratio of the times that passed stands that of the processor times, which holds on a
 * machine that is busy with other things too. The floor is the time that the convolutions' and products' arithmetic would take at the rate of
 * a large matrix product, measured in the same run.
 */
public final class DiffusionVsDiffusers {
    private static final Set<String> CASES = Set.of("guided_step", "level_zero", "vae_frame");
    private static final double TIMESTEP = 501;
    private static final int PRODUCT = 2048;
    private static final Path PEER = Path.of("tools", "benchmarks", "diffusion_diffusers.py");

    private final Engine engine;
    private final int rounds;
    private final Peer peer;

    private DiffusionVsDiffusers(Engine engine, int rounds, Peer peer) {
        this.engine = engine;
        this.rounds = rounds;
        this.peer = peer;
    }

    /** A network made ready to run on inputs: everything that a pipeline computes once is done. */
    @FunctionalInterface
    private interface Prepared {
        Tensor run();
    }

    private record Measured(double seconds, double processorSeconds) {}

    private record Row(
            String name,
            double gflop,
            List<Measured> ours,
            List<Measured> theirs,
            double ourMib,
            double theirMib,
            double difference) {}

    /** Runs all cases. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        String python = arguments.length > 1 ? arguments[1] : "python3";
        int threads = arguments.length > 2
                ? Integer.parseInt(arguments[2])
                : Runtime.getRuntime().availableProcessors();
        Set<String> names = arguments.length > 3 ? Set.of(arguments[3].split(",")) : CASES;
        Path folder = Files.createTempDirectory("diffusion-benchmark");
        System.setProperty("kinora.threads", Integer.toString(threads));
        try (Engine engine = Engines.open(Engines.AUTO, Device.CPU);
                Peer peer = Peer.start(python, threads)) {
            new DiffusionVsDiffusers(engine, rounds, peer).runAll(names, folder, threads, System.out);
        } finally {
            delete(folder);
        }
    }

    private void runAll(Set<String> names, Path folder, int threads, PrintStream out) throws IOException {
        double rate = productRate();
        out.printf(
                Locale.ROOT,
                "%d threads, %d rounds in turn, median; matrix product %d³ at %.0f GFLOP/s%n%n",
                threads,
                rounds,
                PRODUCT,
                rate);
        out.println(
                "| case | Kinora | diffusers | ratio | of processor time | Kinora memory | diffusers memory | GFLOP | floor | largest relative difference |");
        out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        if (names.contains("guided_step")) {
            String title = "one guided step, ModelScope U-Net at a quarter width, 2×16×32×32";
            print(run("guided_step", title, folder, this::unet), rate, out);
        }
        if (names.contains("level_zero")) {
            print(run("level_zero", "level-0 block at full width, 16×32×32", folder, this::levelZero), rate, out);
        }
        if (names.contains("vae_frame")) {
            print(run("vae_frame", "VAE decode of one 256×256 frame", folder, this::vae), rate, out);
        }
    }

    private static void print(Row row, double rate, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "| %s | %.2f s | %.2f s | %.2f | %.2f | %.0f MiB | %.0f MiB | %.0f | %.2f s | %.1e |%n",
                row.name,
                median(row.ours, Measured::seconds),
                median(row.theirs, Measured::seconds),
                median(row.ours, Measured::seconds) / median(row.theirs, Measured::seconds),
                median(row.ours, Measured::processorSeconds) / median(row.theirs, Measured::processorSeconds),
                row.ourMib,
                row.theirMib,
                row.gflop,
                row.gflop / rate,
                row.difference);
    }

    /** One case: the peer makes weights, inputs and its output; then both run in turn. */
    private Row run(String name, String title, Path parent, Function<CaseFiles, Prepared> prepare) throws IOException {
        Path folder = parent.resolve(name);
        double gflop =
                peer.ask("prepare %s %s".formatted(name, folder)).get("flops").asDouble() / 1e9;
        List<Measured> ours = new ArrayList<>();
        List<Measured> theirs = new ArrayList<>();
        double difference;
        double ourMib;
        double theirMib;
        try (Scope scope = engine.scope();
                CaseFiles files = CaseFiles.open(engine, folder)) {
            Prepared prepared = prepare.apply(files);
            difference = difference(prepared.run(), files.tensor("output"));
            ourMib = workingMib(prepared);
            theirMib = peer.ask("memory " + name).get("working_mib").asDouble();
            for (int round = 0; round < rounds; round++) {
                ours.add(measure(prepared));
                JsonNode answer = peer.ask("run " + name);
                theirs.add(new Measured(
                        answer.get("seconds").asDouble(),
                        answer.get("cpu_seconds").asDouble()));
            }
        }
        peer.ask("forget " + name);
        return new Row(title, gflop, ours, theirs, ourMib, theirMib, difference);
    }

    private Prepared unet(CaseFiles files) {
        UNet3dConfig config = UNet3dConfig.read(files.folder);
        UNet3dConditionModel unet = files.load(weights -> new UNet3dConditionModel(config, weights));
        Conditioning conditioning = files.own(unet.condition(UNetPrompt.of(files.tensor("context"))));
        TimeSchedule schedule = files.own(unet.embedTime(conditioning, TIMESTEP));
        Tensor sample = files.tensor("sample");
        return () -> unet.forward(sample, schedule.step(0), conditioning);
    }

    private Prepared levelZero(CaseFiles files) {
        UNet3dConfig config = UNet3dConfig.read(files.folder);
        UNet3dConditionModel block =
                files.load(weights -> new UNet3dConditionModel(config, weights, new StageRange(1, 2)));
        Conditioning conditioning = files.own(block.condition(UNetPrompt.of(files.tensor("context"))));
        TimeSchedule schedule = files.own(block.embedTime(conditioning, TIMESTEP));
        Tensor sample = files.tensor("sample").permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        return () -> block.advance(
                        new UNetState(sample, List.of(sample), sample.dim(0)), schedule.step(0), conditioning)
                .hidden();
    }

    private Prepared vae(CaseFiles files) {
        AutoencoderKlConfig config = AutoencoderKlConfig.read(files.folder);
        AutoencoderKl vae = files.load(weights -> new AutoencoderKl(config, weights));
        Tensor latent = files.tensor("sample");
        return () -> vae.decode(latent, Slicing.ONE);
    }

    private Measured measure(Prepared prepared) {
        long processor = processorNanos();
        long start = System.nanoTime();
        try (Scope scope = engine.scope()) {
            prepared.run();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Measured(seconds, (processorNanos() - processor) / 1e9);
    }

    /** What a run adds to the process at its peak, once the memory that earlier ones left behind is given back. */
    private double workingMib(Prepared prepared) throws IOException {
        Pointer.trimMemory();
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        double before = memory("VmRSS");
        try (Scope scope = engine.scope()) {
            prepared.run();
        }
        return memory("VmHWM") - before;
    }

    private static long processorNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private static double memory(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0)
                .findFirst()
                .orElseThrow();
    }

    private static double difference(Tensor ours, Tensor theirs) {
        float[] got = ours.toFloats();
        float[] want = theirs.toFloats();
        double worst = 0;
        double peak = 0;
        for (int i = 0; i < want.length; i++) {
            worst = Math.max(worst, Math.abs(got[i] - want[i]));
            peak = Math.max(peak, Math.abs(want[i]));
        }
        return worst / peak;
    }

    private double productRate() {
        double best = 0;
        for (int i = 0; i < 5; i++) {
            try (Scope scope = engine.scope()) {
                Tensor a = engine.full(0.5, DType.F32, PRODUCT, PRODUCT);
                long start = System.nanoTime();
                engine.matmul(a, a);
                best = Math.max(best, 2.0 * PRODUCT * PRODUCT * PRODUCT / (System.nanoTime() - start));
            }
        }
        return best;
    }

    private static double median(List<Measured> runs, Function<Measured, Double> value) {
        List<Double> sorted = runs.stream().map(value).sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Weights and inputs of a case, as the peer left them. */
    private static final class CaseFiles implements AutoCloseable {
        private final Engine engine;
        private final Path folder;
        private final Checkpoint checkpoint;
        private final SafetensorsFile tensors;
        private final List<AutoCloseable> owned = new ArrayList<>();

        private CaseFiles(Engine engine, Path folder, Checkpoint checkpoint, SafetensorsFile tensors) {
            this.engine = engine;
            this.folder = folder;
            this.checkpoint = checkpoint;
            this.tensors = tensors;
        }

        static CaseFiles open(Engine engine, Path folder) throws IOException {
            Checkpoint checkpoint = Checkpoint.open(folder, engine, CheckpointOptions.DEFAULT);
            return new CaseFiles(engine, folder, checkpoint, SafetensorsFile.open(folder.resolve("case.bin")));
        }

        <M> M load(Function<Weights, M> constructor) {
            return checkpoint.load(constructor);
        }

        <C extends AutoCloseable> C own(C closeable) {
            owned.add(closeable);
            return closeable;
        }

        Tensor tensor(String name) {
            return engine.copyOf(
                    tensors.bytes(name),
                    tensors.tensors().get(name).dtype(),
                    tensors.tensors().get(name).shape());
        }

        @Override
        public void close() throws IOException {
            for (AutoCloseable closeable : owned) {
                try {
                    closeable.close();
                } catch (Exception e) {
                    throw new IOException(e);
                }
            }
            tensors.close();
            checkpoint.close();
        }
    }

    /** The Python process. */
    private static final class Peer implements AutoCloseable {
        private final Process process;
        private final BufferedReader answers;
        private final PrintStream questions;

        private Peer(Process process) {
            this.process = process;
            this.answers = process.inputReader(StandardCharsets.UTF_8);
            this.questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        }

        static Peer start(String python, int threads) throws IOException {
            ProcessBuilder builder =
                    new ProcessBuilder(python, PEER.toString(), "--threads", Integer.toString(threads));
            return new Peer(
                    builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
        }

        JsonNode ask(String question) {
            questions.println(question);
            try {
                String answer = answers.readLine();
                if (answer == null) {
                    throw new IllegalStateException("%s ended at '%s'".formatted(PEER, question));
                }
                return new ObjectMapper().readTree(answer);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws InterruptedException {
            questions.close();
            process.waitFor();
        }
    }
}
