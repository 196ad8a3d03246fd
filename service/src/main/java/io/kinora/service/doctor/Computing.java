package io.kinora.service.doctor;

import com.typesafe.config.Config;
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.EngineUnavailableException;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What computes: processor, graphics card, and the checkpoint that is to be computed. */
final class Computing {
    private static final int SIDE = 1024;
    private static final int TIMES = 3;
    private static final double SLOW_GFLOPS = 20;
    private static final double GIB = 1L << 30;

    private Computing() {}

    /** The engine, and how fast it multiplies: that shows whether it found the machine's vector units and threads. */
    static List<Finding> processor(Config config) {
        int processors = Runtime.getRuntime().availableProcessors();
        String threads = Optional.ofNullable(System.getenv("OMP_NUM_THREADS"))
                .map(count -> ", OMP_NUM_THREADS=" + count)
                .orElse("");
        try (Engine engine = Engines.open(config.getString("kinora.engine"), Device.CPU)) {
            double gflops = gflops(engine);
            String what = String.format(
                    Locale.ROOT,
                    "%d processors%s; engine %s multiplies at %.0f GFLOP/s in single precision",
                    processors,
                    threads,
                    engine.name(),
                    gflops);
            return List.of(
                    gflops < SLOW_GFLOPS
                            ? Finding.warning(
                                    "processor",
                                    what,
                                    "that is slow: leave OMP_NUM_THREADS at the number of real cores, see that nothing else computes, and that the processor has AVX2")
                            : Finding.ok("processor", what));
        } catch (EngineUnavailableException e) {
            return List.of(
                    Finding.failed(
                            "processor",
                            String.valueOf(e.getMessage()),
                            "the native libraries are for Linux and Windows on x86-64 and macOS: build with 'mvn package' on this machine"));
        }
    }

    private static double gflops(Engine engine) {
        long best = Long.MAX_VALUE;
        try (Scope scope = engine.scope()) {
            Tensor a = engine.full(0.5, DType.F32, SIDE, SIDE);
            for (int i = 0; i < TIMES; i++) {
                long began = System.nanoTime();
                engine.matmul(a, a).toBytes();
                best = Math.min(best, System.nanoTime() - began);
            }
        }
        return 2.0 * SIDE * SIDE * SIDE / best;
    }

    static List<Finding> graphicsCard(Config config) {
        boolean wanted = config.getString("kinora.device").startsWith("cuda");
        Device device = wanted ? Device.parse(config.getString("kinora.device")) : Device.parse("cuda");
        try (Engine engine = Engines.open(config.getString("kinora.engine"), device)) {
            String what = String.format(Locale.ROOT, "%s, %.1f GiB free", engine.device(), engine.freeBytes() / GIB);
            return List.of(
                    wanted
                            ? Finding.ok("graphics card", what)
                            : Finding.warning(
                                    "graphics card", what + ", not used", "use it with --device " + engine.device()));
        } catch (EngineUnavailableException e) {
            String reason = String.valueOf(e.getMessage());
            return List.of(
                    wanted
                            ? Finding.failed(
                                    "graphics card",
                                    reason,
                                    "build with -Pcuda on a machine with an NVIDIA driver, or leave --device at cpu")
                            : Finding.ok("graphics card", "none in use: " + reason));
        }
    }

    static List<Finding> checkpoint(Config config) {
        String named = config.getString("kinora.checkpoint");
        if (named.isEmpty()) {
            return List.of(Finding.ok("checkpoint", "none named: the one that ships, or a small untrained one"));
        }
        Path folder = Path.of(named);
        if (!Files.isDirectory(folder)) {
            return List.of(Finding.failed(
                    "checkpoint", "there is no folder " + folder, "point --checkpoint at a released folder"));
        }
        List<Finding> findings = new ArrayList<>();
        try {
            CheckpointCard card = CheckpointCard.of(folder);
            String what = "%s, revision %s".formatted(card.name(), card.revision());
            findings.add(
                    card.untrained()
                            ? Finding.warning(
                                    "checkpoint",
                                    what + ", untrained",
                                    "its answers and videos mean nothing: name a trained one with --checkpoint")
                            : Finding.ok("checkpoint", what + "; 'kinora plan' says whether it fits"));
        } catch (CheckpointException e) {
            findings.add(Finding.failed(
                    "checkpoint", String.valueOf(e.getMessage()), "download it again, as it was released"));
        }
        return findings;
    }
}
