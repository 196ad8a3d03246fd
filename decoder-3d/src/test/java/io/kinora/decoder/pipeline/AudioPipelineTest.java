package io.kinora.decoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sound from words, with a tiny checkpoint of the released layout: 1 kHz, 10 ms a frame. */
final class AudioPipelineTest {
    private static final int BATCH = 2;
    private static final int WIDTH = 12;

    private static Engine engine;
    private static AudioPipeline pipeline;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() {
        engine = Engines.open(Engines.AUTO, Device.CPU);
        pipeline = AudioPipeline.open(released(), engine);
    }

    @AfterAll
    static void close() {
        pipeline.close();
        engine.close();
    }

    @Test
    void theSameRequestGivesTheSameSamplesAndAnotherSeedOthers() {
        float[] first = generate(rain().seed(3)).samples();

        assertThat(generate(rain().seed(3)).samples()).containsExactly(first);
        assertThat(generate(rain().seed(4)).samples()).isNotEqualTo(first);
    }

    @Test
    void everySettingCounts() {
        List<float[]> sounds = new ArrayList<>();
        for (AudioRequest.Builder request : List.of(
                rain(),
                rain().steps(4),
                rain().guidance(1),
                rain().sampler(SamplerKind.DPM_SOLVER),
                rain().eta(1),
                AudioRequest.of(Prompt.of("a dog")).steps(2).seconds(0.2),
                AudioRequest.of(new Prompt.Text("rain", Optional.of("a dog")))
                        .steps(2)
                        .seconds(0.2))) {
            sounds.add(generate(request).samples());
        }
        assertThat(sounds).doesNotHaveDuplicates();
        assertThat(sounds).allSatisfy(samples -> {
            assertThat(samples).hasSize(200);
            for (float sample : samples) {
                assertThat(sample).isBetween(-1f, 1f);
            }
        });
    }

    @Test
    void lengthIsCutToTheSampleAndHasTheCheckpointsDefault() {
        assertThat(generate(rain().seconds(0.137)).samples()).hasSize(137);
        assertThat(pipeline.defaultSeconds()).isEqualTo(8 * 2 * 0.01);
        assertThat(generate(AudioRequest.of(Prompt.of("rain")).steps(1)).samples())
                .hasSize(160);
        assertThat(pipeline.samplingRate()).isEqualTo(1000);
    }

    @Test
    void eachRowOfEmbeddingsIsAPieceOfSound() {
        float[] rows = new float[BATCH * WIDTH];
        rows[0] = 1;
        rows[WIDTH + 1] = 1;
        Prompt prompt = new Prompt.Embeddings(engine.of(rows, BATCH, WIDTH), Optional.empty());

        GeneratedSound sound = generate(AudioRequest.of(prompt).steps(2).seconds(0.1));

        assertThat(sound.pieces()).isEqualTo(BATCH);
        assertThat(sound.samples(0)).hasSize(100).isNotEqualTo(sound.samples(1));
    }

    @Test
    void requestsThatCannotBeMetAreNamed() {
        assertThatThrownBy(() -> rain().seconds(0).build())
                .hasMessageContaining("seconds is 0.0, allowed is above 0 to 120");
        assertThatThrownBy(() -> rain().seconds(121).build()).isInstanceOf(InvalidRequestException.class);
        assertThatThrownBy(() -> rain().steps(0).build()).hasMessageContaining("steps is 0");
        assertThatThrownBy(() -> rain().guidance(-1).build()).hasMessageContaining("guidance is -1.0");
        assertThatThrownBy(() -> generate(rain().seconds(0.011)))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("0.02 or more with this checkpoint");
        assertThatThrownBy(() -> generate(rain().steps(2000)))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("steps is 2000");
        Prompt narrow = new Prompt.Embeddings(engine.of(new float[3], 1, 3), Optional.empty());
        assertThatThrownBy(() -> generate(AudioRequest.of(narrow))).hasMessageContaining("allowed is [n, 12]");
    }

    @Test
    void itStopsWithinAStep() {
        AtomicInteger steps = new AtomicInteger();
        GenerationListener listener = new GenerationListener() {
            @Override
            public void stepped(StepProgress progress) {
                steps.incrementAndGet();
                assertThat(progress.total()).isEqualTo(5);
                assertThat(progress.preview()).isEmpty();
            }
        };
        assertThatThrownBy(() -> pipeline.generate(rain().steps(5).build(), listener, () -> steps.get() == 2))
                .isInstanceOf(GenerationCancelledException.class);
        assertThat(steps).hasValue(2);
    }

    @Test
    void aFolderOfAnotherKindIsRefused() throws IOException {
        Files.writeString(folder.resolve("model_index.json"), """
                {"unet": ["diffusers", "UNet3DConditionModel"]}
                """);
        assertThatThrownBy(() -> AudioPipeline.open(folder, engine))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("unet is a UNet3DConditionModel, allowed is UNet2DConditionModel");
    }

    private static AudioRequest.Builder rain() {
        return AudioRequest.of(Prompt.of("rain")).steps(2).seconds(0.2);
    }

    private static GeneratedSound generate(AudioRequest.Builder request) {
        return pipeline.generate(request.build(), GenerationListener.NONE, CancelSignal.NEVER);
    }

    private static Path released() {
        try {
            return Path.of(
                    Objects.requireNonNull(AudioPipelineTest.class.getResource("/cases/audioldm_pipeline/checkpoint"))
                            .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
