package io.kinora.actors.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import akka.util.ByteString;
import io.kinora.actors.UntrainedModel;
import io.kinora.actors.adapter.GuidanceDevice;
import io.kinora.actors.adapter.PipelineClipDecoder;
import io.kinora.decoder.pipeline.Pipelines;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Tensor;
import io.kinora.video.DecodeLimits;
import io.kinora.video.RgbFrame;
import io.kinora.video.StillImage;
import io.kinora.video.VideoInfo;
import io.kinora.video.VideoProbe;
import io.kinora.video.VideoSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecoderHostTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int WIDTH = 64;

    @TempDir
    static Path folder;

    private static UntrainedModel model;
    private static ActorRef<DecoderHost.Command> decoder;

    @BeforeAll
    static void open() throws IOException {
        model = UntrainedModel.in(folder);
        decoder = spawn(1, Optional.empty());
    }

    private static ActorRef<DecoderHost.Command> spawn(int together, Optional<GuidanceDevice> second) {
        return model.kit()
                .spawn(DecoderHost.create(
                        () -> decoder(second),
                        new DecoderHost.Bounds(32, together, Long.MAX_VALUE),
                        DispatcherSelector.fromConfig("kinora.dispatchers.compute"),
                        Clock.systemUTC(),
                        model.metrics()));
    }

    private static PipelineClipDecoder decoder(Optional<GuidanceDevice> second) {
        return new PipelineClipDecoder(
                Pipelines.open(model.checkpoint(), model.engine()),
                model.engine(),
                second,
                RequestLimits.NONE,
                folder.resolve("scratch"),
                model.kit()
                        .system()
                        .dispatchers()
                        .lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking")));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void everyStepIsReportedAndTheClipIsPlayable() {
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        decoder.tell(new DecoderHost.Render(job("steps", 4, 0, Optional.empty()), probe.ref()));
        for (int done = 1; done <= 4; done++) {
            DecoderHost.Stepped stepped = probe.expectMessageClass(DecoderHost.Stepped.class, PATIENCE);
            assertThat(stepped.done()).isEqualTo(done);
            assertThat(stepped.total()).isEqualTo(4);
        }
        DecoderHost.Rendered rendered = probe.expectMessageClass(DecoderHost.Rendered.class, PATIENCE);
        VideoInfo video =
                VideoProbe.probe(VideoSource.bytes(rendered.files().get(0).toArray()), DecodeLimits.defaults());
        assertThat(video.frameCount()).hasValue(8);
        assertThat(video.width()).isEqualTo(WIDTH);
        assertThat(rendered.made().steps()).isEqualTo(4);
    }

    @Test
    void aJobThatIsCancelledStopsWithinOneStep() {
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        decoder.tell(new DecoderHost.Render(job("cancelled", 500, 0, Optional.empty()), probe.ref()));
        probe.expectMessageClass(DecoderHost.Stepped.class, PATIENCE);
        decoder.tell(new DecoderHost.Cancel("cancelled"));
        DecoderHost.Event last = probe.receiveMessage(PATIENCE);
        int stepsAfter = 0;
        while (last instanceof DecoderHost.Stepped) {
            stepsAfter++;
            last = probe.receiveMessage(PATIENCE);
        }
        assertThat(((DecoderHost.NotRendered) last).failure()).isEqualTo(DecoderHost.Failure.CANCELLED);
        assertThat(stepsAfter).as("of 500 steps").isLessThan(100);
    }

    @Test
    void aJobThatIsToStopMakesNoFurtherStep() {
        List<Integer> steps = new ArrayList<>();
        ClipDecoder.Progress progress = new ClipDecoder.Progress() {
            @Override
            public void stepped(int done, int total) {
                steps.add(done);
            }

            @Override
            public void previewed(int done, Supplier<ByteString> picture) {
                throw new AssertionError("no preview was asked for");
            }

            @Override
            public boolean isStopped() {
                return steps.size() == 3;
            }
        };
        try (ClipDecoder plain = decoder(Optional.empty());
                ClipDecoder.Rendering rendering = plain.begin(job("stops", 500, 0, Optional.empty()), progress)) {
            while (rendering.isDenoising()) {
                plain.step(List.of(rendering));
            }
            assertThat(steps).containsExactly(1, 2, 3);
            assertThatThrownBy(rendering::finish)
                    .isInstanceOfSatisfying(NotRenderedException.class, stopped -> assertThat(stopped.failure())
                            .isEqualTo(DecoderHost.Failure.CANCELLED));
        }
    }

    @Test
    void ofTwentyJobsWithTenCancelledTheOtherTenFinishByPriority() {
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        decoder.tell(new DecoderHost.Render(job("first", 30, 0, Optional.empty()), probe.ref()));
        probe.expectMessageClass(DecoderHost.Stepped.class, PATIENCE);
        IntStream.range(0, 20)
                .forEach(i ->
                        decoder.tell(new DecoderHost.Render(job("job-" + i, 1, i % 4, Optional.empty()), probe.ref())));
        IntStream.range(0, 10).forEach(i -> decoder.tell(new DecoderHost.Cancel("job-" + (2 * i + 1))));

        List<String> finished = new ArrayList<>();
        List<String> cancelled = new ArrayList<>();
        while (finished.size() + cancelled.size() < 21) {
            DecoderHost.Event event = probe.receiveMessage(PATIENCE);
            if (event instanceof DecoderHost.Rendered rendered) {
                finished.add(rendered.jobId());
            } else if (event instanceof DecoderHost.NotRendered stopped) {
                cancelled.add(stopped.jobId());
            }
        }
        assertThat(cancelled).hasSize(10);
        assertThat(finished)
                .containsExactly(
                        "first", "job-2", "job-6", "job-10", "job-14", "job-18", "job-0", "job-4", "job-8", "job-12",
                        "job-16");
    }

    @Test
    void aJobThatComesTooLateNeverStarts() {
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        decoder.tell(new DecoderHost.Render(job("late", 4, 0, Optional.of(Instant.EPOCH)), probe.ref()));
        assertThat(probe.expectMessageClass(DecoderHost.NotRendered.class, PATIENCE)
                        .failure())
                .isEqualTo(DecoderHost.Failure.LATE);
    }

    @Test
    void jobsOfOneShapeAreMovedOnTogetherAndOneOfAnotherShapeWaits() {
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        ActorRef<DecoderHost.Command> other = spawn(3, Optional.empty());
        RenderJob wide = job("wide", 2, 0, Optional.empty());
        other.tell(new DecoderHost.Render(job("a", 40, 0, Optional.empty()), probe.ref()));
        other.tell(new DecoderHost.Render(job("b", 40, 0, Optional.empty()), probe.ref()));
        other.tell(new DecoderHost.Render(
                new RenderJob(
                        "wide",
                        wide.subject(),
                        Optional.empty(),
                        wide.settings().withFrames(8, new RenderSettings.Size(96, 48)),
                        0,
                        Optional.empty()),
                probe.ref()));
        other.tell(new DecoderHost.Render(job("c", 2, 0, Optional.empty()), probe.ref()));
        List<String> order = new ArrayList<>();
        int stepsOfBBeforeTheEndOfA = 0;
        while (order.size() < 4) {
            DecoderHost.Event event = probe.receiveMessage(PATIENCE);
            if (event instanceof DecoderHost.Rendered rendered) {
                order.add(rendered.jobId());
            } else if (event instanceof DecoderHost.Stepped stepped
                    && stepped.jobId().equals("b")
                    && !order.contains("a")) {
                stepsOfBBeforeTheEndOfA++;
            }
        }
        assertThat(stepsOfBBeforeTheEndOfA).isGreaterThan(20);
        assertThat(order.indexOf("wide")).as("%s: it came first", order).isLessThan(order.indexOf("c"));
        model.kit().stop(other, PATIENCE);
    }

    @Test
    void theHalvesOfGuidanceOnTwoDevicesMakeTheSameClip() {
        Engine second = Engines.open("libtorch", Device.CPU);
        GuidanceDevice device = new GuidanceDevice(
                Pipelines.open(model.checkpoint(), second), second, Executors.newSingleThreadExecutor());
        ActorRef<DecoderHost.Command> two = spawn(1, Optional.of(device));
        DecoderHost.Rendered alone = rendered(decoder, guided("one device"));
        DecoderHost.Rendered both = rendered(two, guided("two devices"));
        assertThat(both.made().evaluations()).isEqualTo(4);
        double worst = 0;
        RgbFrame expected = firstFrame(alone);
        RgbFrame got = firstFrame(both);
        for (int i = 0; i < expected.pixels().remaining(); i++) {
            worst = Math.max(
                    worst,
                    Math.abs((expected.pixels().get(i) & 0xff) - (got.pixels().get(i) & 0xff)));
        }
        assertThat(worst).as("levels of 255 that differ by rounding").isLessThanOrEqualTo(4);
        model.kit().stop(two, PATIENCE);
    }

    private static DecoderHost.Rendered rendered(ActorRef<DecoderHost.Command> host, RenderJob job) {
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        host.tell(new DecoderHost.Render(job, probe.ref()));
        DecoderHost.Event last = probe.receiveMessage(PATIENCE);
        while (last instanceof DecoderHost.Stepped) {
            last = probe.receiveMessage(PATIENCE);
        }
        return (DecoderHost.Rendered) last;
    }

    private static RenderJob guided(String id) {
        RenderJob plain = job(id, 4, 0, Optional.empty());
        RenderJob.Visual seen = (RenderJob.Visual) plain.subject();
        float[] nothing = new float[64 * WIDTH];
        nothing[0] = 1;
        return new RenderJob(
                id,
                new RenderJob.Visual(
                        seen.embeddings(), Optional.of(model.engine().of(nothing, 64, WIDTH))),
                Optional.empty(),
                plain.settings().withSteps(4, 3).withFormat(RenderSettings.Format.PNG),
                0,
                Optional.empty());
    }

    private static RgbFrame firstFrame(DecoderHost.Rendered rendered) {
        return StillImage.decode(rendered.files().get(0).toArray(), DecodeLimits.defaults());
    }

    @Test
    void aDecoderThatIsStoppedDoesNotFinishItsJobFirst() {
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        ActorRef<DecoderHost.Command> other = spawn(1, Optional.empty());
        other.tell(new DecoderHost.Render(job("stopped", 900, 0, Optional.empty()), probe.ref()));
        probe.expectMessageClass(DecoderHost.Stepped.class, PATIENCE);
        model.kit().stop(other, PATIENCE);
        DecoderHost.Event last = probe.receiveMessage(PATIENCE);
        int steps = 1;
        while (last instanceof DecoderHost.Stepped) {
            steps++;
            last = probe.receiveMessage(PATIENCE);
        }
        assertThat(steps).as("of 900 steps").isLessThan(300);
    }

    @Test
    void aJobLargerThanMemoryIsRefusedWithTheBytesItWouldNeed() {
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        RenderJob huge = new RenderJob(
                "huge",
                visual(),
                Optional.empty(),
                RenderSettings.DEFAULT
                        .withFrames(10_000, new RenderSettings.Size(8192, 8192))
                        .withSteps(1, 1),
                0,
                Optional.empty());
        decoder.tell(new DecoderHost.Render(huge, probe.ref()));
        DecoderHost.NotRendered refused = probe.expectMessageClass(DecoderHost.NotRendered.class, PATIENCE);
        assertThat(refused.failure()).isEqualTo(DecoderHost.Failure.TOO_LARGE);
        assertThat(refused.reason()).contains("10000 frames of 8192").containsPattern("[0-9,]{12,} bytes");
    }

    private static RenderJob job(String id, int steps, int priority, Optional<Instant> deadline) {
        return new RenderJob(
                id,
                visual(),
                Optional.empty(),
                RenderSettings.DEFAULT
                        .withFrames(8, new RenderSettings.Size(WIDTH, 48))
                        .withSteps(steps, 1)
                        .withSeed(7),
                priority,
                deadline);
    }

    private static RenderJob.Visual visual() {
        float[] values = new float[64 * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.cos(0.1 * i);
        }
        Tensor embeddings = model.engine().of(values, 64, WIDTH);
        return new RenderJob.Visual(embeddings, Optional.empty());
    }
}
