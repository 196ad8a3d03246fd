package io.kinora.actors.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.parity.ParityReport;
import io.kinora.tensor.parity.ParityRunner;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Emu2 from raw pixels and texts, as {@code kinora parity} runs it, against the authors' own code. */
final class Emu2ComponentsTest {
    private static Engine engine;

    @TempDir
    private Path folder;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "emu2_chat",
                "emu2_chat_stages",
                "emu2_chat_int8",
                "emu2_encode",
                "emu2_embeddings",
                "emu2_embeddings_stages",
                "emu2_image"
            })
    void theAuthorsOutputsAreMet(String name) {
        ParityReport report = new ParityRunner(engine).run(released(name));

        assertThat(report.failure()).isEmpty();
        assertThat(report.agrees()).as(report.toString()).isTrue();
    }

    @Test
    void withoutTheEndMarkerAPictureBehindAClipIsAFrameOfIt() throws IOException {
        Files.copy(released("emu2_chat").resolve("tensors.safetensors"), folder.resolve("tensors.safetensors"));
        writeCase("""
                {"component": "emu2.logits", "checkpoint": "%s", "inputs": {"messages": [["[VIDEO]", {"tensor": "input.pixels_0"},
                 {"tensor": "input.pixels_1"}, {"tensor": "input.pixels_2"}, "What moves?", {"tensor": "input.pixels_3"}],
                 ["a <phrase>square</phrase>"], [" and then ? "]]},
                 "outputs": {"input_ids": {"tensor": "output.input_ids", "atol": 0, "rtol": 0}}}
                """);

        ParityReport report = new ParityRunner(engine).run(folder);

        assertThat(report.failure()).isEmpty();
        assertThat(report.agrees()).isFalse();
    }

    @Test
    void whatIsNeitherTextNorPixelsIsRefused() throws IOException {
        writeCase("""
                {"component": "emu2.logits", "checkpoint": "%s", "inputs": {"messages": [[7]]}, "outputs": {}}
                """);

        assertThat(new ParityRunner(engine).run(folder).failure())
                .hasValueSatisfying(text -> assertThat(text).contains("texts and pixels, got 7"));
    }

    private void writeCase(String text) throws IOException {
        Path checkpoint = released("emu2_chat").resolve("checkpoint");
        Files.writeString(folder.resolve("case.json"), text.formatted(checkpoint));
    }

    private static Path released(String name) {
        URL url = Objects.requireNonNull(Emu2ComponentsTest.class.getResource("/cases/" + name));
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
