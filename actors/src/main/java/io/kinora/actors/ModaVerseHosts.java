package io.kinora.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.ActorContext;
import com.typesafe.config.Config;
import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.adapter.ModaVerseParts;
import io.kinora.actors.compose.CheckpointGenerator;
import io.kinora.actors.compose.ComposeDesk;
import io.kinora.actors.compose.Generator;
import io.kinora.actors.compose.GeneratorSettings;
import io.kinora.actors.compose.Generators;
import io.kinora.actors.compose.MediaModel;
import io.kinora.actors.compose.SoundGenerator;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.render.RenderClient;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.LanguageModel;
import io.kinora.decoder.pipeline.AudioPipeline;
import io.kinora.model.checkpoint.CheckpointException;
import io.kinora.model.modaverse.ModaVerseConfig;
import io.kinora.model.modaverse.ModaVerseFolder;
import io.kinora.model.modaverse.ModaVerseOptions;
import io.kinora.model.modaverse.meta.Modality;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * A ModaVerse in the same kinds of actors as any checkpoint, alone or beside one, with the generators that the configuration names.
 *
 * @param card what the checkpoint is
 * @param desk takes instructions with media
 */
public record ModaVerseHosts(CheckpointCard card, ActorRef<ComposeDesk.Command> desk) {
    /**
     * Spawns the hosts as children. Weights are loaded by the hosts, in parallel.
     *
     * @param config the whole configuration
     * @param beside the checkpoint that is served beside it, whose decoder may be a generator
     * @throws CheckpointException if a folder is no checkpoint that can be used
     */
    public static ModaVerseHosts spawn(
            ActorContext<?> context,
            Path checkpoint,
            Engine engine,
            Config config,
            Optional<CheckpointHosts> beside,
            ServingMetrics metrics) {
        HostSettings of = HostSettings.from(config);
        HostSettings settings = beside.isPresent() ? of.alone() : of;
        if (!settings.devices().isEmpty()) {
            context.getLog()
                    .warn(
                            "kinora.language-model.devices lays an Emu2 on devices; {} is a ModaVerse and stays on {}",
                            checkpoint,
                            engine.device());
        }
        CheckpointCard card = CheckpointCard.of(checkpoint);
        ModaVerseParts parts = parts(checkpoint, engine, config, settings);
        PartHosts hosts = new PartHosts(context, card.revision(), settings, metrics);
        Generators generators = Generators.from(config, new Opener(context, engine, settings.alone(), beside, metrics));
        ActorRef<EncoderHost.Command> encoder = hosts.encoder(parts.encoder());
        hosts.offerStages(parts::stages);
        ActorRef<LanguageModel.Command> languageModel = context.spawn(
                LanguageModel.create(
                        hosts.stages(() -> parts.stages(settings.stages())),
                        parts.tokens().tokenizer(),
                        settings.languageModel(parts.config().language().maxPositions()),
                        metrics,
                        Clock.systemUTC()),
                CheckpointHosts.free(context, "language-model"),
                DispatcherSelector.fromConfig("kinora.dispatchers.compute"));
        MediaModel model =
                new MediaModel(card.name(), card.revision(), encoder, languageModel, parts.prompts(), engine);
        return new ModaVerseHosts(card, context.spawn(ComposeDesk.create(model, generators), "composes"));
    }

    /**
     * Spawns the parts of a ModaVerse that a node has for the others of its cluster, on a node that does nothing else. Generators are where media are asked for.
     *
     * @throws CheckpointException if the folder is no checkpoint that can be used
     */
    public static void offer(
            ActorContext<?> context, Path checkpoint, Engine engine, Config config, ServingMetrics metrics) {
        HostSettings settings = HostSettings.from(config);
        ModaVerseParts parts = parts(checkpoint, engine, config, settings);
        PartHosts hosts = new PartHosts(context, CheckpointCard.of(checkpoint).revision(), settings, metrics);
        hosts.offerEncoder(parts::encoder);
        hosts.offerStages(parts::stages);
    }

    private static ModaVerseParts parts(Path checkpoint, Engine engine, Config config, HostSettings settings) {
        return ModaVerseParts.open(
                checkpoint,
                engine,
                options(checkpoint, engine, settings),
                config.getInt("kinora.modaverse.vision-heads"),
                config.getInt("kinora.modaverse.audio-heads"));
    }

    /** Opens generators in this node's actors. */
    private record Opener(
            ActorContext<?> context,
            Engine engine,
            HostSettings settings,
            Optional<CheckpointHosts> beside,
            ServingMetrics metrics)
            implements Generators.Opener {
        @Override
        public Generator open(Modality modality, Path folder, GeneratorSettings how) {
            return modality == Modality.AUDIO
                    ? new SoundGenerator(
                            CheckpointCard.of(folder).name(), how, () -> AudioPipeline.open(folder, engine))
                    : generator(modality, how, CheckpointHosts.spawn(context, folder, engine, settings, metrics));
        }

        @Override
        public Generator served(Modality modality, GeneratorSettings how) {
            return generator(
                    modality,
                    how,
                    beside.orElseThrow(() -> new CheckpointException(
                            "the generator of %s is to be the served checkpoint's decoder, but there is no checkpoint beside the ModaVerse"
                                    .formatted(modality.label()))));
        }

        private Generator generator(Modality modality, GeneratorSettings how, CheckpointHosts hosts) {
            String name = hosts.card().name();
            RenderClient renders = new RenderClient(hosts.renders()
                    .orElseThrow(() -> new CheckpointException("%s makes nothing: it has no decoder".formatted(name))));
            if (hosts.makesClips() != (modality == Modality.VIDEO)) {
                throw new CheckpointException("%s makes %s, but is configured as the generator of %s"
                        .formatted(name, hosts.makesClips() ? "clips" : "pictures", modality.label()));
            }
            return new CheckpointGenerator(name, renders, hosts.makesClips(), how, context.getSystem());
        }
    }

    /** Processors without half-precision products compute in single precision whatever is stored: docs/adr/0002. */
    private static ModaVerseOptions options(Path checkpoint, Engine engine, HostSettings settings) {
        ModaVerseOptions stored = ModaVerseOptions.asStored(settings.languageModelCacheBytes());
        ModaVerseOptions options =
                engine.device().kind() == Device.Kind.CPU ? stored.withComputeType(DType.F32) : stored;
        return settings.languageModelWeights()
                .map(bits -> ModaVerseConfig.read(ModaVerseFolder.find(checkpoint))
                        .language()
                        .scheme(bits))
                .map(options::withLanguageWeights)
                .orElse(options);
    }
}
