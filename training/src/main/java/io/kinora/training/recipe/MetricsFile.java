package io.kinora.training.recipe;

import io.kinora.training.optim.Trainer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The losses of a training as lines of JSON, one a step, appended. A training that was killed and resumed has some steps twice, with the same
 * losses. Confined to one thread.
 */
final class MetricsFile implements AutoCloseable {
    private final BufferedWriter out;

    MetricsFile(Path file) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        this.out = Files.newBufferedWriter(
                file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void write(Trainer.Report report) throws IOException {
        String losses = report.losses().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(loss -> String.format(Locale.ROOT, "\"%s\":%.6g", loss.getKey(), loss.getValue()))
                .collect(Collectors.joining(","));
        out.write(String.format(
                Locale.ROOT,
                "{\"step\":%d,\"seconds\":%.1f,\"rate\":%.4g,\"gradient\":%.4g,%s}%n",
                report.step(),
                report.seconds(),
                report.taken().rate(),
                report.taken().gradient(),
                losses));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
