package io.kinora.actors.shard;

import static org.assertj.core.api.Assertions.assertThat;

import akka.Done;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.util.ByteString;
import io.kinora.actors.UntrainedModel;
import io.kinora.actors.adapter.CutUNetClient;
import io.kinora.actors.adapter.PipelineClipDecoder;
import io.kinora.decoder.pipeline.DiffusionPipeline;
import io.kinora.decoder.pipeline.PipelineOptions;
import io.kinora.decoder.pipeline.Pipelines;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.decoder.pipeline.UNetStage;
import io.kinora.decoder.unet.StageRange;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Tensor;
import io.kinora.video.DecodeLimits;
import io.kinora.video.StillImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A U-Net cut over several devices, in actors: the decoder makes with it what it makes alone, also when a stage dies on the way. */
class CutUNetTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Props COMPUTE = DispatcherSelector.fromConfig("kinora.dispatchers.compute");
    private static final PipelineOptions OPTIONS = PipelineOptions.forDevice(Device.CPU);
    private static final int WIDTH = 64;
    private static final int STEPS = 6;

    @TempDir
    static Path folder;

    private static UntrainedModel model;
    private static List<ByteString> expected;

    /** A network in actors and a decoder that asks it. */
    private record Cut(ActorRef<CutUNet.Command> network, ActorRef<DecoderHost.Command> decoder) {
        ActorRef<UNetStageHost.Command> stage(int index) {
            ActorRefResolver resolver = ActorRefResolver.get(model.kit().system());
            String path = resolver.toSerializationFormat(network).replaceAll("#.*", "");
            return resolver.resolveActorRef(path + "/stage-" + index);
        }

        void stop() {
            model.kit().stop(decoder, PATIENCE);
            model.kit().stop(network, PATIENCE);
        }
    }

    @BeforeAll
    static void open() throws IOException {
        model = UntrainedModel.in(folder);
        Cut uncut = cut(stages(1));
        expected = files(events(uncut.decoder(), "uncut", STEPS));
        uncut.stop();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static ActorRef<DecoderHost.Command> host(Supplier<DiffusionPipeline> open) {
        return model.kit()
                .spawn(DecoderHost.create(
                        () -> new PipelineClipDecoder(
                                open.get(),
                                model.engine(),
                                Optional.empty(),
                                RequestLimits.NONE,
                                folder.resolve("scratch"),
                                model.kit()
                                        .system()
                                        .dispatchers()
                                        .lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"))),
                        new DecoderHost.Bounds(8, 1, Long.MAX_VALUE),
                        COMPUTE,
                        Clock.systemUTC(),
                        model.metrics()));
    }

    private static Cut cut(List<Supplier<UNetStage>> stages) {
        CompletableFuture<Done> ended = new CompletableFuture<>();
        ActorRef<CutUNet.Command> network =
                model.kit().spawn(CutUNet.create(stages, COMPUTE, model.metrics(), ended), COMPUTE);
        CutUNetClient client =
                new CutUNetClient(network, ended, model.kit().system().scheduler());
        return new Cut(network, host(() -> Pipelines.open(model.checkpoint(), model.engine(), OPTIONS, client)));
    }

    private static List<Supplier<UNetStage>> stages(int parts) {
        List<StageRange> ranges = Pipelines.cut(model.checkpoint(), model.engine(), OPTIONS, parts);
        return ranges.stream()
                .<Supplier<UNetStage>>map(range -> {
                    Engine own = Engines.open("libtorch", Device.CPU);
                    return () -> Pipelines.openStage(model.checkpoint(), own, OPTIONS, range);
                })
                .toList();
    }

    private static RenderJob job(String id, int steps) {
        float[] values = new float[64 * WIDTH];
        float[] nothing = new float[64 * WIDTH];
        IntStream.range(0, values.length).forEach(i -> values[i] = (float) Math.cos(0.1 * i));
        nothing[0] = 1;
        Tensor embeddings = model.engine().of(values, 64, WIDTH);
        return new RenderJob(
                id,
                new RenderJob.Visual(embeddings, Optional.of(model.engine().of(nothing, 64, WIDTH))),
                Optional.empty(),
                RenderSettings.DEFAULT
                        .withFrames(5, new RenderSettings.Size(48, 32))
                        .withSteps(steps, 3)
                        .withSeed(7)
                        .withFormat(RenderSettings.Format.PNG),
                0,
                Optional.empty());
    }

    private static List<DecoderHost.Event> events(ActorRef<DecoderHost.Command> decoder, String id, int steps) {
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        decoder.tell(new DecoderHost.Render(job(id, steps), probe.ref()));
        return rest(probe);
    }

    private static List<DecoderHost.Event> rest(TestProbe<DecoderHost.Event> probe) {
        List<DecoderHost.Event> events = new ArrayList<>();
        do {
            events.add(probe.receiveMessage(PATIENCE));
        } while (last(events) instanceof DecoderHost.Stepped);
        return events;
    }

    private static DecoderHost.Event last(List<DecoderHost.Event> events) {
        return events.get(events.size() - 1);
    }

    private static List<ByteString> files(List<DecoderHost.Event> events) {
        return ((DecoderHost.Rendered) last(events)).files();
    }

    private static List<Integer> steps(List<DecoderHost.Event> events) {
        return events.stream()
                .filter(DecoderHost.Stepped.class::isInstance)
                .map(event -> ((DecoderHost.Stepped) event).done())
                .toList();
    }

    @Test
    void theDecoderAloneMakesTheSameFramesButForTheRoundingOfABatch() {
        ActorRef<DecoderHost.Command> alone = host(() -> Pipelines.open(model.checkpoint(), model.engine()));
        List<ByteString> files = files(events(alone, "alone", STEPS)); // both halves of guidance in one batch
        assertThat(files).hasSameSizeAs(expected);
        for (int i = 0; i < files.size(); i++) {
            ByteBuffer got = pixels(files.get(i));
            ByteBuffer want = pixels(expected.get(i));
            int worst = IntStream.range(0, want.remaining())
                    .map(at -> Math.abs((got.get(at) & 0xff) - (want.get(at) & 0xff)))
                    .max()
                    .orElseThrow();
            assertThat(worst).as("levels of 255 in frame %d", i).isLessThanOrEqualTo(1);
        }
        model.kit().stop(alone, PATIENCE);
    }

    private static ByteBuffer pixels(ByteString png) {
        return StillImage.decode(png.toArray(), DecodeLimits.defaults()).pixels();
    }

    @Test
    void aNetworkInThreePartsMakesTheSameFrames() {
        Cut three = cut(stages(3));
        List<DecoderHost.Event> events = events(three.decoder(), "three", STEPS);
        assertThat(files(events)).isEqualTo(expected);
        assertThat(steps(events)).containsExactly(1, 2, 3, 4, 5, 6);
        three.stop();
    }

    @Test
    void aStageThatDiesInTheMiddleOfAJobCostsTheJobNoStepAndNoFrame() {
        Cut two = cut(stages(2));
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        two.decoder().tell(new DecoderHost.Render(job("drill", STEPS), probe.ref()));
        probe.expectMessageClass(DecoderHost.Stepped.class, PATIENCE);
        two.stage(1).tell(new UNetStageHost.Crash("drill"));
        probe.expectMessageClass(DecoderHost.Stepped.class, PATIENCE);
        two.stage(0).tell(new UNetStageHost.Crash("drill"));
        List<DecoderHost.Event> events = rest(probe);
        assertThat(files(events)).isEqualTo(expected);
        assertThat(steps(events)).containsExactly(3, 4, 5, 6);
        two.stop();
    }

    @Test
    void aStageThatCannotBeLoadedFailsItsJobsWithTheReason() {
        List<Supplier<UNetStage>> stages = new ArrayList<>(stages(2));
        stages.set(1, () -> {
            throw new CheckpointException("the drive is gone");
        });
        Cut broken = cut(stages);
        DecoderHost.NotRendered failed = (DecoderHost.NotRendered) last(events(broken.decoder(), "broken", STEPS));
        assertThat(failed.failure()).isEqualTo(DecoderHost.Failure.BROKEN);
        assertThat(failed.reason()).isEqualTo("stage-1 of the U-Net is gone");
        broken.stop();
    }

    @Test
    void aJobWhoseNetworkIsStoppedFailsAtOnce() {
        Cut two = cut(stages(2));
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        two.decoder().tell(new DecoderHost.Render(job("stopped", 500), probe.ref()));
        probe.expectMessageClass(DecoderHost.Stepped.class, PATIENCE);
        model.kit().stop(two.network(), PATIENCE);
        List<DecoderHost.Event> events = rest(probe);
        assertThat(((DecoderHost.NotRendered) last(events)).failure()).isEqualTo(DecoderHost.Failure.BROKEN);
        assertThat(events).as("of 500 steps").hasSizeLessThan(300);
        two.stop();
    }

    @Test
    void aCancelledJobLeavesTheNetworkToTheNextOne() {
        Cut two = cut(stages(2));
        TestProbe<DecoderHost.Event> probe = model.kit().createTestProbe();
        two.decoder().tell(new DecoderHost.Render(job("cancelled", 500), probe.ref()));
        probe.expectMessageClass(DecoderHost.Stepped.class, PATIENCE);
        two.decoder().tell(new DecoderHost.Cancel("cancelled"));
        assertThat(((DecoderHost.NotRendered) last(rest(probe))).failure()).isEqualTo(DecoderHost.Failure.CANCELLED);
        List<DecoderHost.Event> next = events(two.decoder(), "next", STEPS);
        assertThat(files(next)).isEqualTo(expected);
        two.stop();
    }
}
