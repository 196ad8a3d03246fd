package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.service.cli.KinoraCommand;
import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.safetensors.SafetensorsWriter;
import io.kinora.tensor.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ParityCommandTest {
    /** {@code torch.randn(2, generator=torch.Generator().manual_seed(42))} of torch 2.13.0. */
    private static final float[] OFFICIAL = {0.33669037f, 0.1288094f};

    @RegisterExtension
    final Printed printed = new Printed();

    @TempDir
    Path folder;

    @Test
    void agreeingCasesEndWithStatusZeroAndALineForEachOutput() throws IOException {
        noiseCase("first", 42, OFFICIAL);
        noiseCase("second", 42, OFFICIAL);

        assertThat(KinoraCommand.run("parity", folder.toString())).isZero();
        assertThat(printed.out())
                .containsSubsequence("first (noise): agrees", "draw_0", "agrees", "allowed", "second (noise): agrees")
                .endsWith("2 of 2 cases agree" + System.lineSeparator());
    }

    @Test
    void oneOutputThatDiffersFailsAndNamesTheWorstElement() throws IOException {
        Path right = noiseCase("right", 42, OFFICIAL);
        Path wrong = noiseCase("wrong", 42, new float[] {OFFICIAL[0], OFFICIAL[1] + 0.5f});

        assertThat(KinoraCommand.run("parity", right.toString(), wrong.toString()))
                .isEqualTo(1);
        assertThat(printed.out()).contains("wrong (noise): DISAGREES", "DIFFERS", "at [1]", "1 of 2 cases agree");
    }

    @Test
    void aComponentThatKinoraDoesNotKnowIsAnErrorWithThoseItKnows() throws IOException {
        Path unknown = Files.createDirectory(folder.resolve("unknown"));
        Files.writeString(
                unknown.resolve("case.json"),
                "{\"component\": \"time_machine\", \"inputs\": {}, \"outputs\": {\"y\": {\"value\": 1}}}");

        assertThat(KinoraCommand.run("parity", unknown.toString())).isEqualTo(1);
        assertThat(printed.out()).contains("time_machine", "tokenizer.decode");
    }

    @Test
    void jsonSaysTheSameForPrograms() throws IOException {
        noiseCase("case", 42, OFFICIAL);

        assertThat(KinoraCommand.run("parity", "--json", folder.toString())).isZero();
        JsonNode report = new ObjectMapper().readTree(printed.out()).get(0);
        assertThat(report.get("case").asText()).isEqualTo("case");
        assertThat(report.get("agrees").asBoolean()).isTrue();
        assertThat(report.at("/outputs/0/verdict").asText()).isEqualTo("agrees");
        assertThat(report.at("/outputs/0/absoluteError").isNumber()).isTrue();
    }

    @Test
    void aFolderWithoutCasesIsRefused() {
        assertThat(KinoraCommand.run("parity", folder.toString())).isEqualTo(3);
        assertThat(printed.err()).contains("no case.json");
    }

    private Path noiseCase(String name, long seed, float[] official) throws IOException {
        Path parityCase = Files.createDirectory(folder.resolve(name));
        Files.writeString(parityCase.resolve("case.json"), """
                {"component": "noise", "inputs": {"seed": %d, "shapes": [[%d]]},
                 "outputs": {"draw_0": {"tensor": "output.draw_0", "atol": 1e-5, "rtol": 0}}}
                """.formatted(seed, official.length));
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * official.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(official);
        Entry entry = new Entry("output.draw_0", DType.F32, Shape.of(official.length), () -> bytes);
        SafetensorsWriter.write(parityCase.resolve("tensors.safetensors"), List.of(entry), Map.of());
        return parityCase;
    }
}
