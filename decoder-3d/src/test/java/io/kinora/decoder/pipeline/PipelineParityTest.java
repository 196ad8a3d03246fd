package io.kinora.decoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.decoder.nn.WithEngine;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole pipelines against the official ones, from a checkpoint folder on disk to pixels; see ORIGIN.md beside the fixtures. */
final class PipelineParityTest extends WithEngine {
    private static final double RELATIVE = 5e-4;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text_to_video",
                "text_to_video_eta",
                "video_to_video",
                "embeddings_to_video",
                "text_to_image",
                "text_to_image_xl",
                "embeddings_to_image"
            })
    void makesTheFramesOfTheOfficialPipeline(String name, @TempDir Path folder) throws IOException {
        PipelineCase expected = PipelineCase.open(name);
        Recorded got = new Recorded();
        try (DiffusionPipeline pipeline = Pipelines.open(TinyCheckpoint.write(name, folder, engine()), engine())) {
            pipeline.generate(expected.request(engine()).build(), got, CancelSignal.NEVER);
        }
        assertClose(
                "latents",
                got.latents,
                expected.tensor(engine(), "output.latents").toFloats());
        assertClose(
                "frames",
                got.pixels(),
                expected.tensor(engine(), "output.frames").toFloats());
    }

    private static void assertClose(String what, float[] got, float[] want) {
        assertThat(got).as(what).hasSize(want.length);
        double peak = 0;
        double worst = 0;
        for (int i = 0; i < want.length; i++) {
            peak = Math.max(peak, Math.abs(want[i]));
            worst = Math.max(worst, Math.abs(got[i] - want[i]));
        }
        assertThat(worst / peak)
                .as("largest error of %s relative to their peak %s", what, peak)
                .isLessThan(RELATIVE);
    }
}
