package io.kinora.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.receptionist.ServiceKey;
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.adapter.Emu2Parts;
import io.kinora.actors.answer.AnswerDesk;
import io.kinora.actors.answer.ClipModel;
import io.kinora.actors.cluster.Role;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.render.RenderDesk;
import io.kinora.actors.render.VideoModel;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.actors.shard.LanguageModelSettings;
import io.kinora.actors.shard.RemoteDecoder;
import io.kinora.actors.shard.RemoteEncoder;
import io.kinora.actors.shard.StagePlace;
import io.kinora.decoder.pipeline.Pipelines;
import io.kinora.decoder.pipeline.RequestLimits;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Folder;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.modaverse.ModaVerseFolder;
import io.kinora.model.shard.ShardPlan;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
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
    /** Nothing but the card of a checkpoint that neither answers questions nor makes clips by itself. */
    public static CheckpointHosts none(CheckpointCard card) {
        return new CheckpointHosts(card, Optional.empty(), Optional.empty(), false);
    }

    /**
     * Spawns the hosts of a checkpoint as children. Weights are loaded by the hosts, in parallel. In a cluster, parts whose role the node does not have are
     * those of other nodes, and parts whose role it has serve the others too.
     *
     * @param metrics what the hosts count and time goes there
     * @throws io.kinora.model.checkpoint.CheckpointException if the folder is no checkpoint that can be used
     * @throws io.kinora.model.shard.PlanRefusedException if it does not fit on the devices it may take
     */
    public static CheckpointHosts spawn(
            ActorContext<?> context, Path checkpoint, Engine engine, HostSettings settings, ServingMetrics metrics) {
        CheckpointCard card = CheckpointCard.of(checkpoint);
        PartHosts hosts = new PartHosts(context, card.revision(), settings, metrics);
        Optional<ActorRef<DecoderHost.Command>> decoder = DecoderParts.isIn(checkpoint)
                ? Optional.of(hosts.decoder(new DecoderParts(context, checkpoint, engine, settings, metrics)))
                : Optional.empty();
        if (decoder.isPresent() && !Emu2Folder.isOne(checkpoint)) {
            VideoModel model = new VideoModel(decoder.get(), Optional.empty(), engine, RequestLimits.DEFAULT);
            return new CheckpointHosts(
                    card,
                    Optional.empty(),
                    Optional.of(context.spawn(RenderDesk.create(model), free(context, "renders"))),
                    Pipelines.makesClips(checkpoint));
        }
        Emu2Parts parts = Emu2Parts.open(checkpoint, engine, options(checkpoint, engine, settings));
        return emu2(context, card, parts, hosts, decoder, checkpoint, settings, metrics);
    }

    private static CheckpointHosts emu2(
            ActorContext<?> context,
            CheckpointCard card,
            Emu2Parts parts,
            PartHosts hosts,
            Optional<ActorRef<DecoderHost.Command>> decoder,
            Path checkpoint,
            HostSettings settings,
            ServingMetrics metrics) {
        Emu2Config config = parts.config();
        Props compute = DispatcherSelector.fromConfig("kinora.dispatchers.compute");
        Optional<ShardPlan> plan = plan(context, parts, settings);
        ActorRef<EncoderHost.Command> encoder =
                hosts.encoder(plan.map(parts::encoder).orElseGet(parts::encoder));
        hosts.offerStages(parts::stages);
        LanguageModelSettings bounds = settings.languageModel(config.language().maxPositions());
        ActorRef<LanguageModel.Command> languageModel = context.spawn(
                LanguageModel.create(
                        hosts.stages(() -> plan.map(parts::stages).orElseGet(() -> parts.stages(settings.stages()))),
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

    /**
     * Spawns the parts of a checkpoint that a node has for the others of its cluster, on a node that does nothing else.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if the folder is no checkpoint that can be used
     */
    public static CheckpointHosts offer(
            ActorContext<?> context, Path checkpoint, Engine engine, HostSettings settings, ServingMetrics metrics) {
        CheckpointCard card = CheckpointCard.of(checkpoint);
        PartHosts hosts = new PartHosts(context, card.revision(), settings, metrics);
        if (DecoderParts.isIn(checkpoint)) {
            hosts.offerDecoder(new DecoderParts(context, checkpoint, engine, settings, metrics));
        }
        if (Emu2Folder.isOne(checkpoint)) {
            Emu2Parts parts = Emu2Parts.open(checkpoint, engine, options(checkpoint, engine, settings));
            hosts.offerEncoder(parts::encoder);
            hosts.offerStages(parts::stages);
        }
        return none(card);
    }

    /** Where the nodes are found that have the parts of a checkpoint, by their roles. */
    public static Map<Role, ServiceKey<?>> places(Path checkpoint) {
        String revision = CheckpointCard.of(checkpoint).revision();
        Map<Role, ServiceKey<?>> places = new EnumMap<>(Role.class);
        if (Emu2Folder.isOne(checkpoint) || ModaVerseFolder.isOne(checkpoint)) {
            places.put(Role.ENCODER, RemoteEncoder.key(revision));
            places.put(Role.LLM, StagePlace.key(revision));
        }
        if (DecoderParts.isIn(checkpoint)) {
            places.put(Role.DECODER, RemoteDecoder.key(revision));
        }
        return places;
    }

    private static Optional<ShardPlan> plan(ActorContext<?> context, Emu2Parts parts, HostSettings settings) {
        if (settings.devices().isEmpty()) {
            return Optional.empty();
        }
        if (settings.cluster().isPresent()) {
            context.getLog()
                    .warn(
                            "kinora.language-model.devices lays a whole model on one node's devices: in a cluster, stages are spread over nodes");
            return Optional.empty();
        }
        int positions = parts.config().language().maxPositions();
        ShardPlan plan = parts.plan(settings.devices(), settings.workload(positions, parts.imagesAtOnce()));
        context.getLog().info("the checkpoint lies on its devices so:\n{}", plan.table());
        return Optional.of(plan);
    }

    /** A name that no child has yet: generators of several modalities may stand beside each other. */
    static String free(ActorContext<?> context, String name) {
        return IntStream.iterate(1, i -> i + 1)
                .mapToObj(i -> i == 1 ? name : "%s-%d".formatted(name, i))
                .filter(candidate -> context.getChild(candidate).isEmpty())
                .findFirst()
                .orElseThrow();
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
