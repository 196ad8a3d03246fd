package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands in processes of their own that are told to end, as Ctrl-C does, in the middle of their work: nothing unfinished is left. */
@Tag("slow")
class ToldToEndTest {
    private static final long PATIENCE_SECONDS = 300;
    private static final int TOLD_TO_END = 128 + 15;

    @TempDir
    private Path folder;

    @Test
    void aClipInTheMakingIsTakenAway() throws Exception {
        Path preview = folder.resolve("preview.jpg");
        Process generate = start(List.of(
                "generate",
                "a blue star spins",
                "--checkpoint",
                Page.project().resolve("checkpoints/kinora-shapes").toString(),
                "--steps",
                "200",
                "--preview",
                preview.toString(),
                "--output",
                "star.mp4"));
        until(generate, () -> Files.exists(preview));

        assertThat(toldToEnd(generate)).isEqualTo(TOLD_TO_END);

        assertThat(Files.readString(folder.resolve("said"))).contains("stopped: nothing was made");
        assertThat(files()).containsExactlyInAnyOrder(preview, folder.resolve("said"));
    }

    private Process start(List<String> arguments) throws IOException {
        List<String> command = KinoraProcess.command();
        command.add(1, "-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")));
        Collections.addAll(command, arguments.toArray(String[]::new));
        File said = folder.resolve("said").toFile();
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said)
                .start();
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private void until(Process process, Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.holds()) {
            assertThat(process.isAlive() && System.nanoTime() < end)
                    .as(Files.readString(folder.resolve("said")))
                    .isTrue();
            process.waitFor(10, TimeUnit.MILLISECONDS);
        }
    }

    private static int toldToEnd(Process process) throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
