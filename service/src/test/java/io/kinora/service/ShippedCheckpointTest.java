package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.service.cli.KinoraCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the checkpoint of this repository knows about the demo's sample clip. */
class ShippedCheckpointTest {
    private static final Path SHIPPED = Path.of("../checkpoints/kinora-shapes");
    private static final Path SAMPLE = Path.of("src/main/resources/samples/red-circle.mp4");

    private final PrintStream standardOut = System.out;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(standardOut);
    }

    @Test
    void answersWhatTheSampleClipShows() {
        int status = KinoraCommand.run(
                "ask",
                SAMPLE.toString(),
                "What colour is the circle?",
                "What shape is in the video?",
                "How many shapes are in the video?",
                "What is the background like, dark or light?",
                "--checkpoint",
                SHIPPED.toString(),
                "--max-tokens",
                "8",
                "--data",
                folder.resolve("data").toString());
        assertThat(status).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).lines().map(String::strip))
                .contains("red", "circle", "one", "light");
    }
}
