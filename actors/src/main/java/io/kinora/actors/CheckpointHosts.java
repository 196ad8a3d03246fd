package io.kinora.actors;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.ActorContext;
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.adapter.CutUNetClient;
import io.kinora.actors.adapter.Emu2Parts;
import io.kinora.actors.adapter.GuidanceDevice;
import io.kinora.actors.adapter.PipelineClipDecoder;
import io.kinora.actors.answer.AnswerDesk;
import io.kinora.actors.answer.ClipModel;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.render.RenderDesk;
import io.kinora.actors.render.VideoModel;
import io.kinora.actors.shard.CutUNet;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.actors.shard.LanguageModelSettings;
import io.kinora.actors.shard.StagePlace;
import io.kinora.actors.shard.Stages;
import io.kinora.decoder.pipeline.DiffusionPipeline;
import io.kinora.decoder.pipeline.PipelineOptions;
import io.kinora.decoder.pipeline.Pipelines;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.decoder.pipeline.UNetStage;
import io.kinora.decoder.unet.StageRange;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Folder;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.shard.ShardPlan;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A checkpoint in actors: who answers questions with it, and who makes clips with it, where it can.
 *
 * @param card what the checkpoint is
 * @param answers takes questions; absent for a checkpoint that only makes clips or pictures
 * @param renders takes prompts; absent for a checkpoint without a decoder
 * @param makesClips whether the decoder makes clips, as opposed to pictures
 */
public record CheckpointHosts(
        CheckpointCard card,
        Optional<ActorRef<AnswerDesk.Command>> answers,
        Optional<ActorRef<RenderDesk.Command>> renders,
        boolean makesClips) {
    private static final String PIPELINE = "model_index.json";

    /** Nothing but the card of a checkpoint that neither answers questions nor makes clips by itself. */
    public static CheckpointHosts none(CheckpointCard card) {
        return new CheckpointHosts(card, Optional.empty(), Optional.empty(), false);
    }

    /**
     * Spawns the hosts of a checkpoint as children. Weights are loaded by the hosts, in parallel.
     *
     * @param metrics what the hosts count and time goes there
     * @throws io.kinora.model.checkpoint.CheckpointException if the folder is no checkpoint that can be used
     * @throws io.kinora.model.shard.PlanRefusedException if it does not fit on the devices it may take
     */
    public static CheckpointHosts spawn(
            ActorContext<?> context, Path checkpoint, Engine engine, HostSettings settings, ServingMetrics metrics) {
        CheckpointCard card = CheckpointCard.of(checkpoint);
        boolean hasDecoder = Files.isRegularFile(checkpoint.resolve(PIPELINE));
        Optional<ActorRef<DecoderHost.Command>> decoder =
                hasDecoder ? Optional.of(decoder(context, checkpoint, engine, settings, metrics)) : Optional.empty();
        if (decoder.isPresent() && !Emu2Folder.isOne(checkpoint)) {
            VideoModel model = new VideoModel(decoder.get(), Optional.empty(), engine, RequestLimits.DEFAULT);
            return new CheckpointHosts(
                    card,
                    Optional.empty(),
                    Optional.of(context.spawn(RenderDesk.create(model), free(context, "renders"))),
                    Pipelines.makesClips(checkpoint));
        }
        Emu2Parts parts = Emu2Parts.open(checkpoint, engine, options(checkpoint, engine, settings));
        return emu2(context, card, parts, decoder, checkpoint, settings, metrics);
    }

    private static CheckpointHosts emu2(
            ActorContext<?> context,
            CheckpointCard card,
            Emu2Parts parts,
            Optional<ActorRef<DecoderHost.Command>> decoder,
            Path checkpoint,
            HostSettings settings,
            ServingMetrics metrics) {
        Emu2Config config = parts.config();
        Props compute = DispatcherSelector.fromConfig("kinora.dispatchers.compute");
        Optional<ShardPlan> plan = plan(context, parts, settings);
        ActorRef<EncoderHost.Command> encoder = context.spawn(
                EncoderHost.create(
                        plan.map(parts::encoder).orElseGet(parts::encoder), settings.encoderCacheBytes(), metrics),
                free(context, "encoder"),
                compute);
        LanguageModelSettings bounds = settings.languageModel(config.language().maxPositions());
        ActorRef<LanguageModel.Command> languageModel = context.spawn(
                LanguageModel.create(
                        stages(card, parts, plan, settings, compute),
                        parts.tokenizer(),
                        bounds,
                        metrics,
                        Clock.systemUTC()),
                free(context, "language-model"),
                compute);
        ActorRef<AnswerDesk.Command> answers = context.spawn(
                AnswerDesk.create(new ClipModel(
                        card.revision(),
                        encoder,
                        languageModel,
                        parts.prompts(),
                        config.variant() == Emu2Config.Variant.CHAT,
                        config.vision().imageSize(),
                        parts.engine(),
                        metrics)),
                free(context, "answers"));
        VideoModel.Imagination imagination = new VideoModel.Imagination(
                card.revision(),
                encoder,
                languageModel,
                parts.prompts(),
                config.imageEmbeddings() * (decoder.isPresent() ? Pipelines.keyFrames(checkpoint) : 1),
                config.vision().imageSize());
        return new CheckpointHosts(
                card,
                Optional.of(answers),
                decoder.map(host -> context.spawn(
                        RenderDesk.create(
                                new VideoModel(host, Optional.of(imagination), parts.engine(), RequestLimits.DEFAULT)),
                        free(context, "renders"))),
                decoder.isPresent() && Pipelines.makesClips(checkpoint));
    }

    /** Stages are on other nodes where there is a cluster, and else here. */
    private static Stages stages(
            CheckpointCard card, Emu2Parts parts, Optional<ShardPlan> plan, HostSettings settings, Props compute) {
        return settings.cluster()
                .map(cluster ->
                        Stages.onNodes(settings.stages(), StagePlace.key(card.revision()), cluster.stepPatience()))
                .orElseGet(() ->
                        Stages.here(plan.map(parts::stages).orElseGet(() -> parts.stages(settings.stages())), compute));
    }

    /**
     * Offers a checkpoint's stages to the language models of the cluster.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if the folder is no checkpoint that answers questions
     */
    public static void offerStages(ActorContext<?> context, Path checkpoint, Engine engine, HostSettings settings) {
        Emu2Parts parts = Emu2Parts.open(checkpoint, engine, options(checkpoint, engine, settings));
        context.spawn(
                StagePlace.create(
                        StagePlace.key(CheckpointCard.of(checkpoint).revision()),
                        parts::stages,
                        DispatcherSelector.fromConfig("kinora.dispatchers.compute")),
                "stages");
    }

    private static Optional<ShardPlan> plan(ActorContext<?> context, Emu2Parts parts, HostSettings settings) {
        if (settings.devices().isEmpty()) {
            return Optional.empty();
        }
        int positions = parts.config().language().maxPositions();
        ShardPlan plan = parts.plan(settings.devices(), settings.workload(positions, parts.imagesAtOnce()));
        context.getLog().info("the checkpoint lies on its devices so:\n{}", plan.table());
        return Optional.of(plan);
    }

    private static ActorRef<DecoderHost.Command> decoder(
            ActorContext<?> context, Path checkpoint, Engine engine, HostSettings settings, ServingMetrics metrics) {
        Executor blocking =
                context.getSystem().dispatchers().lookup(DispatcherSelector.fromConfig("kinora.dispatchers.blocking"));
        Supplier<DiffusionPipeline> pipeline = settings.unetDevices().isEmpty()
                ? () -> Pipelines.open(checkpoint, engine)
                : cut(context, checkpoint, engine, settings.unetDevices(), metrics);
        return context.spawn(
                DecoderHost.create(
                        () -> new PipelineClipDecoder(
                                pipeline.get(),
                                engine,
                                settings.guidanceDevice().map(device -> second(checkpoint, engine, device)),
                                RequestLimits.DEFAULT,
                                settings.scratch(),
                                blocking),
                        settings.jobsWaiting(),
                        settings.jobsTogether(engine.device()),
                        DispatcherSelector.fromConfig("kinora.dispatchers.compute"),
                        Clock.systemUTC(),
                        metrics),
                free(context, "decoder"));
    }

    /** A pipeline whose U-Net lies in actors of its own. */
    private static Supplier<DiffusionPipeline> cut(
            ActorContext<?> context, Path checkpoint, Engine engine, List<Device> devices, ServingMetrics metrics) {
        PipelineOptions options = PipelineOptions.forDevice(engine.device());
        List<StageRange> ranges = Pipelines.cut(checkpoint, engine, options, devices.size());
        List<Supplier<UNetStage>> stages = IntStream.range(0, devices.size())
                .mapToObj(i -> stage(checkpoint, Engines.open(engine.name(), devices.get(i)), options, ranges.get(i)))
                .toList();
        Props compute = DispatcherSelector.fromConfig("kinora.dispatchers.compute");
        CompletableFuture<Done> ended = new CompletableFuture<>();
        ActorRef<CutUNet.Command> network =
                context.spawn(CutUNet.create(stages, compute, metrics, ended), free(context, "unet"), compute);
        CutUNetClient client =
                new CutUNetClient(network, ended, context.getSystem().scheduler());
        return () -> Pipelines.open(checkpoint, engine, options, client);
    }

    private static Supplier<UNetStage> stage(
            Path checkpoint, Engine engine, PipelineOptions options, StageRange range) {
        return () -> Pipelines.openStage(checkpoint, engine, options, range);
    }

    /** A name that no child has yet: generators of several modalities may stand beside each other. */
    static String free(ActorContext<?> context, String name) {
        return IntStream.iterate(1, i -> i + 1)
                .mapToObj(i -> i == 1 ? name : "%s-%d".formatted(name, i))
                .filter(candidate -> context.getChild(candidate).isEmpty())
                .findFirst()
                .orElseThrow();
    }

    private static GuidanceDevice second(Path checkpoint, Engine engine, Device device) {
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

    /** Processors without half-precision products compute in single precision whatever is stored: docs/adr/0002. */
    private static Emu2Options options(Path checkpoint, Engine engine, HostSettings settings) {
        Emu2Options stored = Emu2Options.asStored(settings.languageModelCacheBytes());
        Emu2Options options = engine.device().kind() == Device.Kind.CPU ? stored.withComputeType(DType.F32) : stored;
        Emu2Options reduced = settings.languageModelWeights()
                .map(bits -> Emu2Config.read(Emu2Folder.find(checkpoint).config())
                        .language()
                        .scheme(bits))
                .map(options::withLanguageWeights)
                .orElse(options);
        return settings.keepReduced() ? reduced.withReducedKept() : reduced;
    }
}
