package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.service.cli.KinoraCommand;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the checkpoint of this repository knows about the demo's sample clip. */
class ShippedCheckpointTest {
    private static final Path SHIPPED = Path.of("../checkpoints/kinora-shapes");
    private static final Path SAMPLE = Path.of("src/main/resources/samples/red-circle.mp4");

    @RegisterExtension
    final Printed printed = new Printed();

    @TempDir
    Path folder;

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
        assertThat(printed.out().lines().map(String::strip)).contains("red", "circle", "one", "light");
    }
}
