package io.kinora.decoder.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.parity.ParityReport;
import io.kinora.tensor.parity.ParityRunner;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases of AudioLDM as {@code kinora parity} runs them. */
final class AudioComponentsTest {
    private static Engine engine;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"audioldm_text", "audioldm_unet", "audioldm_vae", "audioldm_vocoder", "audioldm_pipeline"})
    void theOfficialOutputsAreMet(String name) throws URISyntaxException {
        URL url = Objects.requireNonNull(AudioComponentsTest.class.getResource("/cases/" + name));
        ParityReport report = new ParityRunner(engine).run(Path.of(url.toURI()));

        assertThat(report.failure()).isEmpty();
        assertThat(report.agrees()).as(report.toString()).isTrue();
    }
}
