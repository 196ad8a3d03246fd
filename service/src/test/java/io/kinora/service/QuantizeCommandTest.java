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
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class QuantizeCommandTest {
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
    void theErrorOfTheScoresAndTheMemorySavedAreToldAsJson() throws IOException {
        assertThat(quantize("int8", "--json", "--prompt", "what moves?")).isZero();

        JsonNode facts = new ObjectMapper().readTree(printed.out());
        assertThat(facts.path("largestError").asDouble()).isPositive();
        assertThat(facts.path("relativeError").asDouble()).isBetween(1e-6, 0.2);
        assertThat(facts.path("divergence").asDouble()).isBetween(0.0, 0.1);
        assertThat(facts.path("reducedBytes").asLong())
                .isLessThan(facts.path("fullBytes").asLong());
    }

    @Test
    void bitsThatThereAreNoneOfAreRefusedWithThoseThatThereAre() {
        assertThat(quantize("int2")).isEqualTo(3);
        assertThat(printed.err()).contains("int2", "int8 and int4");
    }

    private int quantize(String bits, String... more) {
        String[] all = new String[more.length + 5];
        all[0] = "quantize";
        all[1] = "--checkpoint";
        all[2] = folder.resolve("untrained").toString();
        all[3] = "--weights";
        all[4] = bits;
        System.arraycopy(more, 0, all, 5, more.length);
        return KinoraCommand.run(all);
    }
}
