package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.actors.adapter.UntrainedCheckpoint;
import io.kinora.service.cli.KinoraCommand;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
    @TempDir
    private static Path folder;

    @RegisterExtension
    final Printed printed = new Printed();

    @BeforeAll
    static void makeCheckpoint() throws IOException {
        try (Engine engine = Engines.open(Engines.AUTO, Device.CPU)) {
            UntrainedCheckpoint.makeIfAbsent(folder.resolve("untrained"), engine);
        }
    }

    @Test
    void theWeightsPlannedAreThoseOfTheFile() throws IOException {
        assertThat(plan("--devices", "2x1GB", "--json")).isZero();

        JsonNode plan = new ObjectMapper().readTree(printed.out());
        Path file = folder.resolve("untrained/multimodal_encoder/model.safetensors");
        long planned = plan.path("weightBytes").asLong();
        assertThat(planned).isBetween(Files.size(file) - (64 << 10), Files.size(file));
        assertThat(plan.path("stages").size()).isEqualTo(2);
        assertThat(plan.path("stages").path(0).path("parts").path(0).asText()).isEqualTo("visual encoder");
    }

    @Test
    void peopleGetATable() {
        assertThat(plan("--devices", "1GB", "--sequences", "3", "--length", "100", "--quantize", "int8"))
                .isZero();

        assertThat(printed.out()).contains("KV cache", "device 0", "MiB", "3 sequences of 100 positions");
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheFigures() {
        assertThat(plan("--devices", "2x100kB")).isEqualTo(3);

        assertThat(printed.err()).contains("needs at least", "weights", "0.19 MiB");
    }

    @Test
    void whatIsNotAllowedIsNamedWithWhatIs() {
        assertThat(plan("--devices", "1GB", "--quantize", "int3")).isEqualTo(3);
        assertThat(plan("--devices", "lots")).isEqualTo(3);
        assertThat(plan("--devices", "1GB", "--device", "tpu")).isEqualTo(3);
        assertThat(plan("--devices", "1GB", "--length", "1000000")).isEqualTo(3);

        assertThat(printed.err()).contains("int8 and int4", "4x80GB", "cpu, cuda or cuda:N", "positions");
    }

    private int plan(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "plan";
        all[1] = "--checkpoint";
        all[2] = folder.resolve("untrained").toString();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return KinoraCommand.run(all);
    }
}
