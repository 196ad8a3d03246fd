package io.kinora.actors.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.model.checkpoint.LoraMode;
import io.kinora.model.llm.GeneratedToken;
import io.kinora.model.llm.GenerationSettings;
import io.kinora.model.llm.StageChain;
import io.kinora.model.llm.TextGenerator;
import io.kinora.model.modaverse.ModaVerseConfig;
import io.kinora.model.modaverse.ModaVerseFolder;
import io.kinora.model.modaverse.ModaVerseOptions;
import io.kinora.model.modaverse.ModaVerseWeights;
import io.kinora.model.shard.LayerRange;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.OutputReport;
import io.kinora.tensor.parity.ParityReport;
import io.kinora.tensor.parity.ParityRunner;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ImageBind and ModaVerse against what the official code gives for tiny checkpoints in the released layouts. */
final class ModaVerseParityTest {
    private static final long CACHE = 16L << 20;
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
    @ValueSource(
            strings = {
                "imagebind_pictures",
                "imagebind_clip_upright",
                "imagebind_sound_44100",
                "modaverse_mix",
                "modaverse_text"
            })
    void everyOutputAgreesWithTheOfficialImplementation(String name) {
        ParityReport report = new ParityRunner(engine).run(folder(name));

        assertThat(report.failure()).isEmpty();
        assertThat(report.outputs()).isNotEmpty().allSatisfy(output -> assertThat(output.verdict())
                .as("%s: %s", output.name(), output)
                .isEqualTo(OutputReport.Verdict.AGREES));
    }

    @Test
    void theAdapterGivesTheSameTokensMergedAndApart() {
        assertThat(tokens(LoraMode.APART)).isEqualTo(tokens(LoraMode.MERGED)).isNotEmpty();
    }

    private static List<Integer> tokens(LoraMode mode) {
        ModaVerseFolder folder = ModaVerseFolder.find(folder("modaverse_mix").resolve("checkpoint"));
        ModaVerseConfig config = ModaVerseConfig.read(folder);
        ModaVerseOptions options =
                ModaVerseOptions.asStored(CACHE).withComputeType(DType.F32).withLora(mode);
        try (ModaVerseWeights weights = ModaVerseWeights.open(folder, config, engine, options);
                StageChain stages = new StageChain(
                        List.of(weights.stage(LayerRange.all(config.language().layers()))));
                Tensor ids = engine.of(new long[] {1, 300, 301, 302}, 4);
                Tensor rows = stages.embed(ids)) {
            return new TextGenerator(stages)
                    .generate(rows, GenerationSettings.greedy(config.language(), 8), token -> true).tokens().stream()
                            .map(GeneratedToken::token)
                            .toList();
        }
    }

    private static Path folder(String name) {
        URL found =
                Objects.requireNonNull(ModaVerseParityTest.class.getResource("/cases/" + name + "/case.json"), name);
        try {
            return Objects.requireNonNull(Path.of(found.toURI()).getParent());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
