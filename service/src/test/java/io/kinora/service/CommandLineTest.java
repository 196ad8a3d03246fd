package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.service.cli.KinoraCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {
    private final PrintStream standardOut = System.out;
    private final PrintStream standardErr = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(standardOut);
        System.setErr(standardErr);
    }

    @Test
    void helpListsEveryCommand() {
        assertThat(KinoraCommand.run("--help")).isZero();
        assertThat(out()).contains("demo", "serve", "ask", "generate", "probe", "parity", "plan", "Exit status");
    }

    @Test
    void aWrongCommandIsAnUsageErrorWithAHint() {
        assertThat(KinoraCommand.run("generat")).isEqualTo(2);
        assertThat(err()).contains("generat").contains("generate").contains("--help");
    }

    @Test
    void aMissingClipIsNamed() {
        assertThat(KinoraCommand.run("ask", "nowhere.mp4", "What?")).isEqualTo(3);
        assertThat(err()).contains("no such file: nowhere.mp4");
    }

    @Test
    void aFrameCountThatIsNotOfferedIsRefusedWithThoseThatAre() throws IOException {
        assertThat(KinoraCommand.run("ask", sample().toString(), "What?", "--frames", "9"))
                .isEqualTo(3);
        assertThat(err()).contains("9").contains("8, 12 and 16");
    }

    @Test
    void aTextFileIsNoClip() throws IOException {
        Path text = Files.writeString(folder.resolve("clip.mp4"), "this is no video");
        assertThat(KinoraCommand.run("probe", text.toString())).isEqualTo(3);
        assertThat(err()).startsWith("kinora: ").doesNotContain("\tat ");
    }

    @Test
    void probeSaysWhatTheSampleIs() throws IOException {
        assertThat(KinoraCommand.run("probe", sample().toString(), "--json")).isZero();
        JsonNode facts = new ObjectMapper().readTree(out());
        assertThat(facts.get("codec").asText()).isEqualTo("h264");
        assertThat(facts.get("width").asInt()).isEqualTo(256);
        assertThat(facts.get("frames").asInt()).isEqualTo(96);
    }

    @Test
    void askAnswersWithTheUntrainedCheckpointAndSaysSo() throws IOException {
        int status = KinoraCommand.run(
                "ask",
                sample().toString(),
                "What moves?",
                "And where to?",
                "--frames",
                "16",
                "--max-tokens",
                "12",
                "--data",
                folder.resolve("data").toString());
        assertThat(status).isZero();
        assertThat(err())
                .contains("untrained")
                .contains("0 of")
                .containsPattern("[1-9][0-9]* of [0-9]+ prompt tokens reused, clip reused");
    }

    @Test
    void generateWritesAClipThatProbeReadsAndTheSameSeedGivesTheSameBytes() throws IOException {
        Path first = folder.resolve("first.mp4");
        Path second = folder.resolve("second.mp4");
        for (Path file : new Path[] {first, second}) {
            assertThat(KinoraCommand.run(
                            "generate",
                            "a blue star",
                            "--frames",
                            "8",
                            "--size",
                            "64x48",
                            "--steps",
                            "3",
                            "--seed",
                            "7",
                            "-o",
                            file.toString(),
                            "--data",
                            folder.resolve("data").toString(),
                            "--json"))
                    .isZero();
        }
        assertThat(Files.readAllBytes(first)).isEqualTo(Files.readAllBytes(second));
        out.reset();
        assertThat(KinoraCommand.run("probe", first.toString(), "--json")).isZero();
        JsonNode facts = new ObjectMapper().readTree(out());
        assertThat(facts.get("codec").asText()).isEqualTo("h264");
        assertThat(facts.get("frames").asInt()).isEqualTo(8);
        assertThat(facts.get("width").asInt()).isEqualTo(64);
    }

    @Test
    void aSizeThatTheDecoderCannotMakeIsRefusedInWords() {
        int status = KinoraCommand.run(
                "generate",
                "a blue star",
                "--size",
                "100x50",
                "-o",
                folder.resolve("x.mp4").toString(),
                "--data",
                folder.resolve("data").toString());
        assertThat(status).isEqualTo(3);
        assertThat(err()).contains("width is 100").contains("multiple of 8");
    }

    @Test
    void whatNoCheckpointMakesIsRefusedBeforeOneIsOpened() {
        String empty = folder.toString();
        assertThat(KinoraCommand.run("generate", "a star", "--checkpoint", empty, "--frames", "900"))
                .isEqualTo(3);
        assertThat(err()).contains("frames is 900", "1 to 24");
        assertThat(KinoraCommand.run("generate", "a star", "--checkpoint", empty, "-o", "a.mp4", "--frames", "4"))
                .isEqualTo(3);
        assertThat(err()).contains("frames is 4", "8 to 24");
        assertThat(KinoraCommand.run("generate", "a star", "--checkpoint", empty, "--sampler", "fast"))
                .isEqualTo(3);
        assertThat(err()).contains("fast", "euler-a");
    }

    @Test
    void configShowsKeysByTheirBeginningAndNoSecretOfTraces() throws IOException {
        assertThat(KinoraCommand.run("config", "kinora.nonsense")).isEqualTo(3);
        assertThat(err()).contains("kinora.nonsense");
        Path file = Files.writeString(
                folder.resolve("own.conf"), "kinora.tracing.headers { authorization = \"Bearer of-mine\" }");
        assertThat(KinoraCommand.run("config", "kinora.tracing", "--config", file.toString()))
                .isZero();
        assertThat(out()).contains("kinora.tracing.endpoint", "(hidden)").doesNotContain("of-mine");
    }

    @Test
    void chatSaysThatItNeedsAModaVerse() {
        assertThat(KinoraCommand.run("chat", "--help")).isZero();
        assertThat(out()).contains("Folder of a ModaVerse").doesNotContain("kinora-shapes");
        assertThat(KinoraCommand.run("chat", "hello")).isEqualTo(3);
        assertThat(err()).contains("--checkpoint");
    }

    @Test
    void aFolderThatIsNoCheckpointIsRefused() {
        int status = KinoraCommand.run("generate", "x", "--checkpoint", folder.toString(), "-o", "x.mp4");
        assertThat(status).isEqualTo(3);
        assertThat(err()).contains(folder.toString());
    }

    @Test
    void aPortThatDoesNotExistIsRefusedWithThoseThatDo() {
        assertThat(KinoraCommand.run("serve", "--port", "99999")).isEqualTo(3);
        assertThat(err()).contains("99999").contains("65535");
    }

    private Path sample() throws IOException {
        Path file = folder.resolve("sample.mp4");
        try (InputStream in =
                Objects.requireNonNull(CommandLineTest.class.getResourceAsStream("/samples/red-circle.mp4"))) {
            return Files.write(file, in.readAllBytes());
        }
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
