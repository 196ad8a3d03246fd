package io.kinora.decoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kinora.decoder.nn.Golden;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clips from the embeddings of key frames, through the video network that Emu2's paper describes. */
final class Emu2VideoTest extends WithEngine {
    private static final int WIDTH = 12;
    private static final int PER_KEY_FRAME = 4;

    @TempDir
    private Path folder;

    private DiffusionPipeline pipeline;

    @BeforeEach
    void openPipeline() throws IOException {
        pipeline = Pipelines.open(TinyCheckpoint.write("emu2_video", folder, engine()), engine());
    }

    @AfterEach
    void closePipeline() {
        pipeline.close();
    }

    @Test
    void aKeyFrameGivenTwiceIsAKeyFrameGivenOnce() {
        Tensor key = Golden.sines(engine(), 0.3, PER_KEY_FRAME, WIDTH);
        Tensor twice = engine().cat(List.of(key, key), 0);
        assertThat(latents(twice)).containsExactly(latents(key), within(1e-3f));
    }

    @Test
    void otherKeyFramesMakeOtherClips() {
        Tensor key = Golden.sines(engine(), 0.3, PER_KEY_FRAME, WIDTH);
        Tensor two = engine().cat(List.of(key, Golden.cosines(engine(), 0.7, PER_KEY_FRAME, WIDTH)), 0);
        assertThat(latents(two)).isNotEqualTo(latents(key));
    }

    private float[] latents(Tensor keyFrames) {
        Recorded got = new Recorded();
        Tensor negative = Golden.cosines(engine(), 0.2, PER_KEY_FRAME, WIDTH);
        GenerationRequest request = GenerationRequest.of(new Prompt.Embeddings(keyFrames, Optional.of(negative)))
                .frames(3)
                .size(24, 16)
                .steps(3)
                .guidance(2)
                .build();
        pipeline.generate(request, got, CancelSignal.NEVER);
        assertThat(got.pictures).hasSize(3);
        return got.latents;
    }
}
