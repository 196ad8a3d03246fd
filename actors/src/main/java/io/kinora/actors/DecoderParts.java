package io.kinora.actors;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.ActorContext;
import io.kinora.actors.adapter.CutUNetClient;
import io.kinora.actors.adapter.GuidanceDevice;
import io.kinora.actors.adapter.PipelineClipDecoder;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.shard.CutUNet;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.decoder.pipeline.DiffusionPipeline;
import io.kinora.decoder.pipeline.PipelineOptions;
import io.kinora.decoder.pipeline.Pipelines;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.decoder.pipeline.UNetStage;
import io.kinora.decoder.unet.StageRange;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The decoder of a checkpoint on the devices of this node. */
record DecoderParts(
        ActorContext<?> context, Path checkpoint, Engine engine, HostSettings settings, ServingMetrics metrics) {
    private static final String PIPELINE = "model_index.json";

    /** Whether a checkpoint has one. */
    static boolean isIn(Path checkpoint) {
        return Files.isRegularFile(checkpoint.resolve(PIPELINE));
    }

    /** Its host; where the U-Net is cut, actors for its stages are spawned now. */
    Behavior<DecoderHost.Command> host() {
        Executor blocking =
                context.getSystem().dispatchers().lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"));
        Supplier<DiffusionPipeline> pipeline =
                settings.unetDevices().isEmpty() ? () -> Pipelines.open(checkpoint, engine) : cut();
        return DecoderHost.create(
                () -> new PipelineClipDecoder(
                        pipeline.get(),
                        engine,
                        settings.guidanceDevice().map(this::second),
                        RequestLimits.DEFAULT,
                        settings.scratch(),
                        blocking),
                new DecoderHost.Bounds(
                        settings.jobsWaiting(), settings.jobsTogether(engine.device()), settings.resultBytes()),
                DispatcherSelector.fromConfig("kinora.dispatchers.compute"),
                Clock.systemUTC(),
                metrics);
    }

    /** A pipeline whose U-Net lies in actors of its own. */
    private Supplier<DiffusionPipeline> cut() {
        List<Device> devices = settings.unetDevices();
        PipelineOptions options = PipelineOptions.forDevice(engine.device());
        List<StageRange> ranges = Pipelines.cut(checkpoint, engine, options, devices.size());
        List<Supplier<UNetStage>> stages = IntStream.range(0, devices.size())
                .mapToObj(i -> stage(Engines.open(engine.name(), devices.get(i)), options, ranges.get(i)))
                .toList();
        Props compute = DispatcherSelector.fromConfig("kinora.dispatchers.compute");
        CompletableFuture<Done> ended = new CompletableFuture<>();
        ActorRef<CutUNet.Command> network = context.spawn(
                CutUNet.create(stages, compute, metrics, ended), CheckpointHosts.free(context, "unet"), compute);
        CutUNetClient client =
                new CutUNetClient(network, ended, context.getSystem().scheduler());
        return () -> Pipelines.open(checkpoint, engine, options, client);
    }

    private Supplier<UNetStage> stage(Engine own, PipelineOptions options, StageRange range) {
        return () -> Pipelines.openStage(checkpoint, own, options, range);
    }

    private GuidanceDevice second(Device device) {
        Engine other = Engines.open(engine.name(), device);
        try {
            return new GuidanceDevice(
                    Pipelines.open(checkpoint, other),
                    other,
                    Executors.newSingleThreadExecutor(task -> new Thread(task, "kinora-guidance")));
        } catch (RuntimeException e) {
            other.close();
            throw e;
        }
    }
}
