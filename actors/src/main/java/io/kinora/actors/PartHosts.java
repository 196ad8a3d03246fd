package io.kinora.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import io.kinora.actors.cluster.Role;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.shard.DecoderHost;
import io.kinora.actors.shard.EncoderHost;
import io.kinora.actors.shard.FrameEncoder;
import io.kinora.actors.shard.LanguageModelStage;
import io.kinora.actors.shard.RemoteDecoder;
import io.kinora.actors.shard.RemoteEncoder;
import io.kinora.actors.shard.StagePlace;
import io.kinora.actors.shard.Stages;
import java.time.Clock;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Who has the parts of a checkpoint: this node alone where there is no cluster, and else the nodes that have a part's role, found by the revision of the weights.
 */
final class PartHosts {
    private final ActorContext<?> context;
    private final String revision;
    private final HostSettings settings;
    private final ServingMetrics metrics;
    private final Props compute = DispatcherSelector.fromConfig("kinora.dispatchers.compute");

    PartHosts(ActorContext<?> context, String revision, HostSettings settings, ServingMetrics metrics) {
        this.context = context;
        this.revision = revision;
        this.settings = settings;
        this.metrics = metrics;
    }

    private boolean has(Role role) {
        return settings.cluster()
                .filter(cluster -> cluster.roles().contains(role))
                .isPresent();
    }

    /** The encoder: where a node has one, it encodes what it decodes. */
    ActorRef<EncoderHost.Command> encoder(Supplier<FrameEncoder> load) {
        if (settings.cluster().isPresent() && !has(Role.ENCODER)) {
            return context.spawn(
                    RemoteEncoder.create(RemoteEncoder.key(revision), metrics),
                    CheckpointHosts.free(context, "encoder"));
        }
        ActorRef<EncoderHost.Command> encoder = context.spawn(
                EncoderHost.create(load, settings.encoderCacheBytes(), metrics),
                CheckpointHosts.free(context, "encoder"),
                compute);
        if (settings.cluster().isPresent()) {
            register(RemoteEncoder.key(revision), encoder);
        }
        return encoder;
    }

    /** The encoder for other nodes, if that is this node's role. */
    void offerEncoder(Supplier<Supplier<FrameEncoder>> load) {
        if (has(Role.ENCODER)) {
            encoder(load.get());
        }
    }

    /** Where the stages of the language model are. */
    Stages stages(Supplier<List<Supplier<LanguageModelStage>>> here) {
        return settings.cluster()
                .map(cluster -> Stages.onNodes(settings.stages(), StagePlace.key(revision), cluster.stepPatience()))
                .orElseGet(() -> Stages.here(here.get(), compute));
    }

    /** Room for stages of language models, if that is this node's role. */
    void offerStages(IntFunction<List<Supplier<LanguageModelStage>>> stages) {
        if (has(Role.LLM)) {
            context.spawn(StagePlace.create(StagePlace.key(revision), stages, compute), "stages");
        }
    }

    /** The decoder: in a cluster, all that there are. */
    ActorRef<DecoderHost.Command> decoder(DecoderParts parts) {
        if (settings.cluster().isEmpty()) {
            return context.spawn(parts.host(), CheckpointHosts.free(context, "decoder"));
        }
        offerDecoder(parts);
        return context.spawn(
                RemoteDecoder.create(RemoteDecoder.key(revision), settings.jobsWaiting(), Clock.systemUTC()),
                CheckpointHosts.free(context, "decoders"));
    }

    /** The decoder for this and other nodes, if that is this node's role. */
    void offerDecoder(DecoderParts parts) {
        if (has(Role.DECODER)) {
            register(
                    RemoteDecoder.key(revision), context.spawn(parts.host(), CheckpointHosts.free(context, "decoder")));
        }
    }

    private <T> void register(ServiceKey<T> key, ActorRef<T> part) {
        context.getSystem().receptionist().tell(Receptionist.register(key, part));
    }
}
