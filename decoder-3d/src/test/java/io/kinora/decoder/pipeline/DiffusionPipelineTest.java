package io.kinora.decoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kinora.decoder.nn.Golden;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How pipelines behave: what they report, when they stop, what they refuse. On tiny checkpoints that take embeddings. */
final class DiffusionPipelineTest extends WithEngine {
    private static final int WIDTH = 12;

    @TempDir
    private Path folder;

    private DiffusionPipeline clips;

    @BeforeEach
    void openPipeline() throws IOException {
        clips = Pipelines.open(
                TinyCheckpoint.write("embeddings_to_video", folder.resolve("clips"), engine()), engine());
    }

    @AfterEach
    void closePipeline() {
        clips.close();
    }

    @Test
    void theSameRequestGivesTheSameFramesAndAnotherSeedOthers() {
        Recorded first = generate(request().seed(7).build());
        assertThat(generate(request().seed(7).build()).pictures).isEqualTo(first.pictures);
        assertThat(generate(request().seed(8).build()).pictures).isNotEqualTo(first.pictures);
        assertThat(first.pictures).hasSize(3).allMatch(frame -> frame.width() == 24 && frame.height() == 16);
    }

    @Test
    void everyStepIsReportedInOrder() {
        Recorded got = generate(request().steps(5).build());
        assertThat(got.plans).hasSize(1);
        assertThat(got.done).containsExactly(1, 2, 3, 4, 5);
        assertThat(got.timesteps).containsExactly(801.0, 601.0, 401.0, 201.0, 1.0);
    }

    @Test
    void aPreviewIsNearTheFramesItAnnounces() {
        List<PixelFrame> previews = new ArrayList<>();
        Recorded got = new Recorded() {
            @Override
            public void stepped(StepProgress progress) {
                if (progress.done() == progress.total()) {
                    previews.addAll(progress.preview());
                }
            }
        };
        clips.generate(request().build(), got, CancelSignal.NEVER);
        assertThat(previews).hasSize(3).allMatch(frame -> frame.width() == 3 && frame.height() == 2);
        double previewed = mean(previews.get(0));
        double shown = mean(got.pictures.get(0));
        assertThat(previewed).isCloseTo(shown, within(40.0));
    }

    @Test
    void aCancelledGenerationStopsBeforeTheNextStep() {
        AtomicInteger steps = new AtomicInteger();
        Recorded got = new Recorded() {
            @Override
            public void stepped(StepProgress progress) {
                steps.incrementAndGet();
            }
        };
        assertThatThrownBy(() -> clips.generate(request().steps(10).build(), got, () -> steps.get() == 4))
                .isInstanceOfSatisfying(GenerationCancelledException.class, cancelled -> assertThat(cancelled.done())
                        .isEqualTo(4))
                .hasMessage("cancelled after 4 of 10 denoising steps");
        assertThat(steps).hasValue(4);
        assertThat(got.frames).isEmpty();
        assertThat(generate(request().build()).frames).hasSize(3);
    }

    @Test
    void aGenerationCancelledWhileItsFramesAreDecodedHandsOverNoMore() {
        Recorded got = new Recorded();
        assertThatThrownBy(() -> clips.generate(request().build(), got, () -> !got.frames.isEmpty()))
                .isInstanceOf(GenerationCancelledException.class);
        assertThat(got.frames).hasSize(1);
    }

    @Test
    void whatAListenerThrowsEndsTheGeneration() {
        GenerationListener broken = new GenerationListener() {
            @Override
            public void stepped(StepProgress progress) {
                throw new IllegalStateException("no room for progress");
            }
        };
        assertThatThrownBy(() -> clips.generate(request().build(), broken, CancelSignal.NEVER))
                .hasMessage("no room for progress");
        assertThat(generate(request().build()).frames).hasSize(3);
    }

    @Test
    void everySamplerMakesAClipOfFiniteLatents() {
        for (SamplerKind kind : SamplerKind.values()) {
            Recorded got = generate(request().sampler(kind).build());
            assertThat(got.frames).as("%s", kind).hasSize(3);
            for (float latent : got.latents) {
                assertThat(latent).as("%s", kind).isFinite();
            }
        }
    }

    @Test
    void aRepeatedNegativeChangesNothing() {
        Tensor positive = Golden.sines(engine(), 0.3, 8, WIDTH);
        Tensor negative = Golden.cosines(engine(), 0.2, 4, WIDTH);
        Tensor twice = engine().cat(List.of(negative, negative), 0);
        float[] once = generate(request(new Prompt.Embeddings(positive, Optional.of(negative)))
                        .build())
                .latents;
        assertThat(generate(request(new Prompt.Embeddings(positive, Optional.of(twice)))
                                .build())
                        .latents)
                .containsExactly(once, within(1e-4f));
    }

    @Test
    void promptsOfTheWrongKindOrSizeAreRefused() {
        assertRefused(GenerationRequest.of(Prompt.of("a cat")).build(), "prompt is text, allowed is embeddings");
        Tensor wide = Golden.sines(engine(), 0.3, 8, WIDTH + 1);
        assertRefused(
                request(new Prompt.Embeddings(wide, Optional.empty()))
                        .guidance(1)
                        .build(),
                "embeddings is [8, 13], allowed is of width 12");
        Tensor fitting = Golden.sines(engine(), 0.3, 8, WIDTH);
        assertRefused(
                request(new Prompt.Embeddings(fitting, Optional.empty()))
                        .guidance(2)
                        .build(),
                "negative embeddings is absent, allowed is embeddings, as guidance is above 1");
        Tensor odd = Golden.sines(engine(), 0.3, 3, WIDTH);
        assertThatThrownBy(() -> new Prompt.Embeddings(fitting, Optional.of(odd)))
                .hasMessage("negative embeddings is [3, 12], allowed is [m, 12] with m dividing 8");
        assertRefused(request().steps(2000).build(), "steps is 2000, allowed is");
    }

    @Test
    void stillsWithTheirOwnEmbeddingsShareTheirNoise() throws IOException {
        Path emu2 = TinyCheckpoint.write("embeddings_to_image", folder.resolve("stills"), engine());
        try (DiffusionPipeline stills = Pipelines.open(emu2, engine())) {
            Tensor one = Golden.sines(engine(), 0.31, 9, 14);
            Tensor other = Golden.cosines(engine(), 0.11, 9, 14);
            Tensor each = engine().stack(List.of(one, other, one), 0);
            Recorded got = new Recorded();
            stills.generate(
                    request(new Prompt.Embeddings(each, Optional.of(other)))
                            .format(OutputFormat.PNG)
                            .build(),
                    got,
                    CancelSignal.NEVER);
            assertThat(got.frames.get(2)).containsExactly(got.frames.get(0), within(1e-4f));
            assertThat(got.pictures.get(1)).isNotEqualTo(got.pictures.get(0));
            assertThatThrownBy(() -> stills.generate(
                            request(new Prompt.Embeddings(each, Optional.of(other)))
                                    .frames(2)
                                    .build(),
                            got,
                            CancelSignal.NEVER))
                    .hasMessageContaining("embeddings is [3, 9, 14], allowed is [n, D], or [2, n, D]");
        }
    }

    private Recorded generate(GenerationRequest request) {
        Recorded got = new Recorded();
        clips.generate(request, got, CancelSignal.NEVER);
        return got;
    }

    private void assertRefused(GenerationRequest request, String message) {
        assertThatThrownBy(() -> generate(request))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageStartingWith(message);
    }

    private static GenerationRequest.Builder request() {
        return request(new Prompt.Embeddings(
                Golden.sines(engine(), 0.3, 8, WIDTH), Optional.of(Golden.cosines(engine(), 0.2, 8, WIDTH))));
    }

    private static GenerationRequest.Builder request(Prompt prompt) {
        return GenerationRequest.of(prompt)
                .frames(3)
                .size(24, 16)
                .steps(4)
                .guidance(3)
                .seed(1);
    }

    private static double mean(PixelFrame frame) {
        byte[] bytes = new byte[frame.rgb().remaining()];
        frame.rgb().get(bytes);
        return IntStream.range(0, bytes.length)
                .map(i -> bytes[i] & 0xff)
                .average()
                .orElseThrow();
    }
}
