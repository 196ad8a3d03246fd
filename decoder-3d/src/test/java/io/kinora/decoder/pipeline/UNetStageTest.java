package io.kinora.decoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.decoder.nn.Golden;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.decoder.unet.StageRange;
import io.kinora.decoder.unet.UNetPrompt;
import io.kinora.decoder.unet.UNetState;
import io.kinora.decoder.unet.UNetTask;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A network cut over several engines computes what it computes in one piece. */
class UNetStageTest extends WithEngine {
    @TempDir
    Path folder;

    /** A tensor that no scope frees. */
    private static Tensor own(Supplier<Tensor> made) {
        try (Scope scope = engine().scope()) {
            return scope.detach(made.get());
        }
    }

    /** Stages in a row, asked directly. */
    private static final class Row implements FarUNet, AutoCloseable {
        private final List<Engine> engines = new ArrayList<>();
        private final List<UNetStage> stages = new ArrayList<>();
        private long tasks;

        Row(Path checkpoint, int parts) {
            PipelineOptions options = PipelineOptions.forDevice(Device.CPU);
            for (StageRange range : Pipelines.cut(checkpoint, engine(), options, parts)) {
                Engine own = Engines.open(engine().name(), Device.CPU);
                engines.add(own);
                stages.add(Pipelines.openStage(checkpoint, own, options, range));
            }
        }

        @Override
        public FarHalf prepare(UNetPrompt prompt, int frames, double... timesteps) {
            UNetPrompt kept = prompt.map(tensor -> own(() -> tensor.add(0)));
            UNetTask task = new UNetTask(
                    ++tasks, kept, frames, DoubleStream.of(timesteps).boxed().toList());
            return new FarHalf() {
                @Override
                public CompletionStage<Tensor> predict(Tensor sample, int step) {
                    UNetState state = UNetState.of(own(() -> sample.add(0)));
                    for (UNetStage stage : stages) {
                        state = stage.forward(task, step, state);
                    }
                    return CompletableFuture.completedFuture(state.prediction(sample.rank()));
                }

                @Override
                public void close() {
                    stages.forEach(stage -> stage.forget(task.id()));
                }
            };
        }

        @Override
        public void close() {
            stages.forEach(UNetStage::close);
            engines.forEach(Engine::close);
        }
    }

    private static float[] latents(DiffusionPipeline pipeline, GenerationRequest request) {
        List<float[]> latents = new ArrayList<>();
        pipeline.generate(
                request,
                new GenerationListener() {
                    @Override
                    public void denoised(Tensor clean) {
                        latents.add(clean.toFloats());
                    }
                },
                () -> false);
        return latents.get(0);
    }

    private static Prompt prompt(String checkpoint) {
        if (checkpoint.startsWith("text")) {
            return new Prompt.Text("surfing at dusk", Optional.of("blurry"));
        }
        return new Prompt.Embeddings(
                Golden.cosines(engine(), 0.1, 8, 12), Optional.of(Golden.sines(engine(), 0.2, 8, 12)));
    }

    @ParameterizedTest(name = "{0} in {1} parts")
    @CsvSource({
        "text_to_video, 2",
        "text_to_video, 7",
        "embeddings_to_video, 3",
        "emu2_video, 4",
        "text_to_image, 2",
        "text_to_image_xl, 3"
    })
    void aCutNetworkDenoisesToTheSameLatents(String name, int parts) throws IOException {
        Path checkpoint = TinyCheckpoint.write(name, folder.resolve("checkpoint"), engine());
        GenerationRequest request = GenerationRequest.of(prompt(name))
                .size(24, 16)
                .steps(3)
                .guidance(4)
                .seed(7)
                .build();
        try (DiffusionPipeline whole = Pipelines.open(checkpoint, engine());
                Row row = new Row(checkpoint, parts);
                DiffusionPipeline cut =
                        Pipelines.open(checkpoint, engine(), PipelineOptions.forDevice(Device.CPU), row)) {
            float[] got = latents(cut, request);
            float[] want = latents(whole, request); // both halves of guidance in one batch: other roundings
            double worst = IntStream.range(0, want.length)
                    .mapToDouble(i -> Math.abs(got[i] - want[i]))
                    .max()
                    .orElseThrow();
            double peak = IntStream.range(0, want.length)
                    .mapToDouble(i -> Math.abs(want[i]))
                    .max()
                    .orElseThrow();
            assertThat(got).hasSameSizeAs(want);
            assertThat(worst / peak).isLessThan(1e-5);
        }
    }

    @Test
    void aStepIsTheSameToTheLastBit() throws IOException {
        Path checkpoint = TinyCheckpoint.write("text_to_video", folder.resolve("checkpoint"), engine());
        GenerationRequest request = GenerationRequest.of(prompt("text_to_video"))
                .frames(3)
                .size(24, 16)
                .steps(2)
                .guidance(1) // a single half, so that both compute batches of one
                .seed(7)
                .build();
        try (DiffusionPipeline whole = Pipelines.open(checkpoint, engine());
                Row row = new Row(checkpoint, 3);
                DiffusionPipeline cut =
                        Pipelines.open(checkpoint, engine(), PipelineOptions.forDevice(Device.CPU), row)) {
            assertThat(latents(cut, request)).containsExactly(latents(whole, request));
        }
    }

    @Test
    void aStepCacheIsRefusedByACutNetwork() throws IOException {
        Path checkpoint = TinyCheckpoint.write("text_to_video", folder.resolve("checkpoint"), engine());
        GenerationRequest request = GenerationRequest.of(prompt("text_to_video"))
                .size(24, 16)
                .stepCache(new StepCache(2, 1))
                .build();
        try (Row row = new Row(checkpoint, 2);
                DiffusionPipeline cut =
                        Pipelines.open(checkpoint, engine(), PipelineOptions.forDevice(Device.CPU), row)) {
            assertThatThrownBy(() -> latents(cut, request))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("cut over several devices");
        }
    }

    @Test
    void aStateThatIsNoLongerNeededIsFreed() throws IOException {
        Path checkpoint = TinyCheckpoint.write("text_to_video", folder.resolve("checkpoint"), engine());
        try (Scope scope = engine().scope();
                Row row = new Row(checkpoint, 2)) {
            UNetPrompt prompt = UNetPrompt.of(engine().full(0.1, DType.F32, 1, 5, 12));
            UNetTask task = new UNetTask(1, prompt, 2, List.of(500.0));
            UNetState first = UNetState.of(engine().full(0.5, DType.F32, 1, 4, 2, 4, 6));
            UNetState between = row.stages.get(0).forward(task, 0, first);
            assertThatThrownBy(() -> first.hidden().toFloats()).isInstanceOf(IllegalStateException.class);
            row.stages.get(1).forward(task, 0, between).close();
            assertThat(between.skips()).isNotEmpty().allSatisfy(skip -> assertThatThrownBy(skip::toFloats)
                    .isInstanceOf(IllegalStateException.class));
            assertThatThrownBy(() -> between.hidden().toFloats()).isInstanceOf(IllegalStateException.class);
        }
    }
}
