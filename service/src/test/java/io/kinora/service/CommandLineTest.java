package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.service.cli.KinoraCommand;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {
    @RegisterExtension
    final Printed printed = new Printed();

    @TempDir
    Path folder;

    @Test
    void helpListsEveryCommand() {
        assertThat(KinoraCommand.run("--help")).isZero();
        assertThat(printed.out())
                .contains("demo", "serve", "ask", "generate", "probe", "parity", "plan", "Exit status");
    }

    @Test
    void aWrongCommandIsAnUsageErrorWithAHint() {
        assertThat(KinoraCommand.run("generat")).isEqualTo(2);
        assertThat(printed.err()).contains("generat").contains("generate").contains("--help");
    }

    @Test
    void whoeverNamesNoCommandIsToldThoseThatThereAre() {
        assertThat(KinoraCommand.run()).isEqualTo(2);
        assertThat(printed.err()).contains("Usage: kinora", "generate", "'kinora demo'");
        assertThat(KinoraCommand.run("jobs")).isEqualTo(2);
        assertThat(printed.err()).contains("Usage: kinora jobs", "cancel");
        assertThat(printed.out()).isEmpty();
    }

    @Test
    void whoeverWantsHelpOnACommandThatThereIsNotIsToldSo() {
        assertThat(KinoraCommand.run("help", "generat")).isEqualTo(2);
        assertThat(printed.err()).contains("generat'", "--help");
    }

    @Test
    void aBrokerWhoseNameNobodyKnowsIsNamedWithTheReason() {
        assertThat(KinoraCommand.run("jobs", "list", "--bootstrap-servers", "no-such-host.invalid:9092"))
                .isEqualTo(3);
        assertThat(printed.err()).contains("no-such-host.invalid:9092", "bootstrap");
    }

    @Test
    void aMissingClipIsNamed() {
        assertThat(KinoraCommand.run("ask", "nowhere.mp4", "What?")).isEqualTo(3);
        assertThat(printed.err()).contains("no such file: nowhere.mp4");
    }

    @Test
    void aFrameCountThatIsNotOfferedIsRefusedWithThoseThatAre() throws IOException {
        assertThat(KinoraCommand.run("ask", sample().toString(), "What?", "--frames", "9"))
                .isEqualTo(3);
        assertThat(printed.err()).contains("9").contains("8, 12 and 16");
    }

    @Test
    void aTextFileIsNoClip() throws IOException {
        Path text = Files.writeString(folder.resolve("clip.mp4"), "this is no video");
        assertThat(KinoraCommand.run("probe", text.toString())).isEqualTo(3);
        assertThat(printed.err()).startsWith("kinora: ").doesNotContain("\tat ");
    }

    @Test
    void probeSaysWhatTheSampleIs() throws IOException {
        assertThat(KinoraCommand.run("probe", sample().toString(), "--json")).isZero();
        JsonNode facts = new ObjectMapper().readTree(printed.out());
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
        assertThat(printed.err())
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
        printed.forgetOut();
        assertThat(KinoraCommand.run("probe", first.toString(), "--json")).isZero();
        JsonNode facts = new ObjectMapper().readTree(printed.out());
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
        assertThat(printed.err()).contains("width is 100").contains("multiple of 8");
    }

    @Test
    void whatNoCheckpointMakesIsRefusedBeforeOneIsOpened() {
        String empty = folder.toString();
        assertThat(KinoraCommand.run("generate", "a star", "--checkpoint", empty, "--frames", "900"))
                .isEqualTo(3);
        assertThat(printed.err()).contains("frames is 900", "1 to 24");
        assertThat(KinoraCommand.run("generate", "a star", "--checkpoint", empty, "-o", "a.mp4", "--frames", "4"))
                .isEqualTo(3);
        assertThat(printed.err()).contains("frames is 4", "8 to 24");
        assertThat(KinoraCommand.run("generate", "a star", "--checkpoint", empty, "--sampler", "fast"))
                .isEqualTo(3);
        assertThat(printed.err()).contains("fast", "euler-a");
    }

    @Test
    void configShowsKeysByTheirBeginningAndNoSecretOfTraces() throws IOException {
        assertThat(KinoraCommand.run("config", "kinora.nonsense")).isEqualTo(3);
        assertThat(printed.err()).contains("kinora.nonsense");
        Path file = Files.writeString(
                folder.resolve("own.conf"), "kinora.tracing.headers { authorization = \"Bearer of-mine\" }");
        assertThat(KinoraCommand.run("config", "kinora.tracing", "--config", file.toString()))
                .isZero();
        assertThat(printed.out())
                .contains("kinora.tracing.endpoint", "(hidden)")
                .doesNotContain("of-mine");
    }

    @Test
    void chatSaysThatItNeedsAModaVerse() {
        assertThat(KinoraCommand.run("chat", "--help")).isZero();
        assertThat(printed.out()).contains("Folder of a ModaVerse").doesNotContain("kinora-shapes");
        assertThat(KinoraCommand.run("chat", "hello")).isEqualTo(3);
        assertThat(printed.err()).contains("--checkpoint");
    }

    @Test
    void aFolderThatIsNoCheckpointIsRefused() {
        int status = KinoraCommand.run("generate", "x", "--checkpoint", folder.toString(), "-o", "x.mp4");
        assertThat(status).isEqualTo(3);
        assertThat(printed.err()).contains(folder.toString());
    }

    @Test
    void aPortThatDoesNotExistIsRefusedWithThoseThatDo() {
        assertThat(KinoraCommand.run("serve", "--port", "99999")).isEqualTo(3);
        assertThat(printed.err()).contains("99999").contains("65535");
    }

    private Path sample() throws IOException {
        Path file = folder.resolve("sample.mp4");
        try (InputStream in =
                Objects.requireNonNull(CommandLineTest.class.getResourceAsStream("/samples/red-circle.mp4"))) {
            return Files.write(file, in.readAllBytes());
        }
    }
}
