package io.kinora.decoder.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.parity.OutputReport;
import io.kinora.tensor.parity.OutputReport.Verdict;
import io.kinora.tensor.parity.ParityReport;
import io.kinora.tensor.parity.ParityRunner;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole parity cases, from checkpoints in released layouts to the outputs of diffusers and transformers; see ORIGIN.md beside them. */
class DiffusionCasesTest {
    private static Engine engine;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    static Stream<Path> cases() throws IOException, URISyntaxException {
        Path folder =
                Path.of(DiffusionCasesTest.class.getResource("/parity/cases").toURI());
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyOutputAgrees(Path folder) {
        ParityReport report = new ParityRunner(engine).run(folder);
        assertThat(report.failure()).isEmpty();
        assertThat(report.outputs())
                .isNotEmpty()
                .allSatisfy(
                        output -> assertThat(output.verdict()).as(output.line()).isEqualTo(Verdict.AGREES))
                .extracting(OutputReport::name)
                .doesNotHaveDuplicates();
    }
}
