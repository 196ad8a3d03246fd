package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import io.kinora.actors.metrics.ServingMetrics;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Stands for the encoders of other nodes. Who asks has an {@link EncoderErrand} of its own, which asks again elsewhere when an encoder is lost, and waits while
 * there is none.
 */
public final class RemoteEncoder extends AbstractBehavior<RemoteEncoder.Command> {
    /** What it is told. */
    sealed interface Command {}

    private record Pass(EncoderHost.Command message) implements Command {}

    private record Listed(Set<ActorRef<EncoderHost.Command>> encoders) implements Command {
        Listed {
            encoders = Set.copyOf(encoders);
        }
    }

    private record ErrandOver(ActorRef<EncoderHost.Reply> asker, ActorRef<EncoderErrand.Command> errand)
            implements Command {}

    private final ServingMetrics metrics;
    private final Map<ActorRef<EncoderHost.Reply>, ActorRef<EncoderErrand.Command>> errands = new HashMap<>();
    private Set<ActorRef<EncoderHost.Command>> encoders = Set.of();

    private RemoteEncoder(ActorContext<Command> context, ServiceKey<EncoderHost.Command> key, ServingMetrics metrics) {
        super(context);
        this.metrics = metrics;
        ActorRef<Receptionist.Listing> listed = context.messageAdapter(
                Receptionist.Listing.class, listing -> new Listed(listing.getServiceInstances(key)));
        context.getSystem().receptionist().tell(Receptionist.subscribe(key, listed));
    }

    /** Which encoders have the weights of a checkpoint. */
    public static ServiceKey<EncoderHost.Command> key(String revision) {
        return ServiceKey.create(EncoderHost.Command.class, "encoder-" + revision);
    }

    /**
     * The encoders that are found under a key.
     *
     * @param metrics hears of what was found and what was encoded
     */
    public static Behavior<EncoderHost.Command> create(ServiceKey<EncoderHost.Command> key, ServingMetrics metrics) {
        Behavior<Command> remote = Behaviors.setup(context -> new RemoteEncoder(context, key, metrics));
        return Behaviors.transformMessages(
                EncoderHost.Command.class, remote, messages -> messages.match(EncoderHost.Command.class, Pass::new));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Pass.class, this::onPass)
                .onMessage(Listed.class, this::onListed)
                .onMessage(ErrandOver.class, this::onErrandOver)
                .build();
    }

    private Behavior<Command> onPass(Pass pass) {
        errands.computeIfAbsent(asker(pass.message()), this::errand).tell(new EncoderErrand.Asked(pass.message()));
        return this;
    }

    private static ActorRef<EncoderHost.Reply> asker(EncoderHost.Command message) {
        if (message instanceof EncoderHost.Find find) {
            return find.replyTo();
        }
        if (message instanceof EncoderHost.Encode encode) {
            return encode.replyTo();
        }
        return ((EncoderHost.EncodeNothing) message).replyTo();
    }

    private ActorRef<EncoderErrand.Command> errand(ActorRef<EncoderHost.Reply> asker) {
        ActorRef<EncoderErrand.Command> errand =
                getContext().spawnAnonymous(EncoderErrand.create(asker, encoders, metrics));
        getContext().watchWith(errand, new ErrandOver(asker, errand));
        return errand;
    }

    private Behavior<Command> onListed(Listed listed) {
        encoders = listed.encoders();
        if (encoders.isEmpty()) {
            getContext().getLog().warn("no node of the role encoder has this checkpoint: clips wait to be encoded");
        }
        errands.values().forEach(errand -> errand.tell(new EncoderErrand.Encoders(encoders)));
        return this;
    }

    private Behavior<Command> onErrandOver(ErrandOver over) {
        errands.remove(over.asker(), over.errand());
        return this;
    }
}
