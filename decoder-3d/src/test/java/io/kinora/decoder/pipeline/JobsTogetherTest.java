package io.kinora.decoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kinora.decoder.nn.Golden;
import io.kinora.decoder.nn.WithEngine;
import io.kinora.decoder.schedule.SamplerKind;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.TorchRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs moved on step by step, in one batch and over two devices, come to what they come to alone. */
class JobsTogetherTest extends WithEngine {
    @TempDir
    static Path folder;

    private static DiffusionPipeline clips;

    @BeforeAll
    static void openPipeline() throws IOException {
        clips = Pipelines.open(TinyCheckpoint.write("text_to_video", folder.resolve("clips"), engine()), engine());
    }

    @AfterAll
    static void closePipeline() {
        clips.close();
    }

    private static GenerationRequest.Builder request(String prompt) {
        return GenerationRequest.of(new Prompt.Text(prompt, Optional.of("blurry")))
                .frames(2)
                .size(24, 16)
                .steps(4);
    }

    private static List<GenerationRequest> different() {
        return List.of(
                request("a cat").seed(1).guidance(9).build(),
                request("surfing")
                        .seed(2)
                        .guidance(3)
                        .guidanceRescale(0.5)
                        .steps(3)
                        .build(),
                request("a quiet street")
                        .seed(3)
                        .guidance(5)
                        .sampler(SamplerKind.EULER_ANCESTRAL)
                        .build());
    }

    private static Recorded alone(DiffusionPipeline pipeline, GenerationRequest request) {
        Recorded got = new Recorded();
        pipeline.generate(request, got, CancelSignal.NEVER);
        return got;
    }

    private static void assertSame(Recorded got, Recorded expected) {
        double peak = 0;
        for (float latent : expected.latents) {
            peak = Math.max(peak, Math.abs(latent));
        }
        assertThat(got.latents).containsExactly(expected.latents, within((float) (1e-5 * peak)));
        assertThat(got.done).isEqualTo(expected.done);
        assertThat(got.pixels()).containsExactly(expected.pixels(), within(1e-4f));
    }

    private static void assertSameTogether(DiffusionPipeline pipeline, List<GenerationRequest> requests) {
        List<Recorded> got = new ArrayList<>();
        List<RunningJob> jobs = new ArrayList<>();
        for (GenerationRequest request : requests) {
            got.add(new Recorded());
            jobs.add(pipeline.begin(request, got.get(got.size() - 1), CancelSignal.NEVER));
            pipeline.step(jobs); // a job joins those that are under way
        }
        assertThat(jobs).allMatch(job -> job.joins(jobs.get(0)));
        while (jobs.stream().anyMatch(RunningJob::isDenoising)) {
            pipeline.step(jobs);
        }
        for (int j = 0; j < jobs.size(); j++) {
            pipeline.finish(jobs.get(j));
            jobs.get(j).close();
            assertSame(got.get(j), alone(pipeline, requests.get(j)));
        }
    }

    @Test
    void clipsOfOneShapeAreDenoisedInOneBatchAtDifferentSteps() {
        assertSameTogether(clips, different());
    }

    @Test
    void stillsWithSizesAmongTheirConditionsAreDenoisedInOneBatch() throws IOException {
        Path xl = TinyCheckpoint.write("text_to_image_xl", folder.resolve("stills"), engine());
        try (DiffusionPipeline stills = Pipelines.open(xl, engine())) {
            assertSameTogether(stills, different());
        }
    }

    @Test
    void clipsOfDifferentKeyFramesAreDenoisedInOneBatch() throws IOException {
        Path emu2 = TinyCheckpoint.write("emu2_video", folder.resolve("keys"), engine());
        List<GenerationRequest> requests = DoubleStream.of(0.1, 0.4, 0.9)
                .mapToObj(step -> GenerationRequest.of(new Prompt.Embeddings(
                                Golden.cosines(engine(), step, 8, 12), Optional.of(Golden.sines(engine(), 0.2, 8, 12))))
                        .frames(3)
                        .size(24, 16)
                        .steps(3)
                        .guidance(2)
                        .build())
                .toList();
        try (DiffusionPipeline clips = Pipelines.open(emu2, engine())) {
            assertSameTogether(clips, requests);
        }
    }

    @Test
    void jobsOfAnotherShapeAreMovedOnBesideEachOther() {
        List<GenerationRequest> requests = List.of(
                request("a cat").build(),
                request("a cat").frames(3).build(),
                request("a cat").guidance(1).build(),
                request("a cat").stepCache(new StepCache(2, 1)).build());
        List<Recorded> got = requests.stream().map(request -> new Recorded()).toList();
        List<RunningJob> jobs = new ArrayList<>();
        for (int j = 0; j < requests.size(); j++) {
            jobs.add(clips.begin(requests.get(j), got.get(j), CancelSignal.NEVER));
        }
        assertThat(jobs.subList(1, jobs.size())).noneMatch(job -> job.joins(jobs.get(0)));
        for (int step = 0; step < 4; step++) {
            clips.step(jobs);
        }
        for (int j = 0; j < jobs.size(); j++) {
            clips.finish(jobs.get(j));
            jobs.get(j).close();
            assertSame(got.get(j), alone(clips, requests.get(j)));
        }
    }

    @Test
    void aJobThatIsCancelledOrFailsLeavesTheOthersAlone() {
        Recorded got = new Recorded();
        GenerationListener broken = new GenerationListener() {
            @Override
            public void stepped(StepProgress progress) {
                throw new IllegalStateException("no room for progress");
            }
        };
        List<RunningJob> jobs = List.of(
                clips.begin(request("a cat").build(), got, CancelSignal.NEVER),
                clips.begin(request("a cat").build(), GenerationListener.NONE, () -> !got.done.isEmpty()),
                clips.begin(request("a cat").build(), broken, CancelSignal.NEVER));
        while (jobs.get(0).isDenoising()) {
            clips.step(jobs);
        }
        assertThatThrownBy(() -> clips.finish(jobs.get(1)))
                .isInstanceOf(GenerationCancelledException.class)
                .hasMessage("cancelled after 1 of 4 denoising steps");
        assertThatThrownBy(() -> clips.finish(jobs.get(2))).hasMessage("no room for progress");
        clips.finish(jobs.get(0));
        jobs.forEach(RunningJob::close);
        assertSame(got, alone(clips, request("a cat").build()));
    }

    @Test
    void aJobIsNotFinishedBeforeItsLastStep() {
        try (RunningJob job = clips.begin(request("a cat").build(), GenerationListener.NONE, CancelSignal.NEVER)) {
            clips.step(List.of(job));
            assertThatThrownBy(() -> clips.finish(job)).hasMessage("1 of 4 steps are made");
        }
    }

    @Test
    void guidancesHalvesAreComputedOnTwoDevices() {
        GenerationRequest request = request("a cat").seed(5).guidance(7).build();
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Engine second = Engines.open(Engines.AUTO, Device.CPU);
                DiffusionPipeline helper = Pipelines.open(folder.resolve("clips"), second);
                UnconditionalHalf half = helper.unconditional(request)) {
            FarHalf far = (sample, step) -> CompletableFuture.supplyAsync(() -> half.predict(sample, step), other);
            TorchRandom random = new TorchRandom(request.seed());
            Recorded got = new Recorded();
            try (RunningJob job = clips.begin(
                    request,
                    shape -> random.normal(engine(), shape.toArray()),
                    got,
                    CancelSignal.NEVER,
                    Optional.of(far))) {
                while (job.isDenoising()) {
                    clips.step(List.of(job));
                }
                clips.finish(job);
            }
            assertSame(got, alone(clips, request));
        } finally {
            other.shutdown();
        }
        assertThatThrownBy(
                        () -> clips.unconditional(request("a cat").guidance(1).build()))
                .isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void asManyJobsFitAsTheFreeMemoryHolds() {
        assertThat(clips.fitting(request("a cat").build())).isGreaterThan(1);
        assertThat(clips.fitting(request("a cat").frames(24).size(256, 256).build()))
                .isLessThan(clips.fitting(request("a cat").build()));
    }
}
