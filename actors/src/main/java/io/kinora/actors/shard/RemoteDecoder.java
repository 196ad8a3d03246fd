package io.kinora.actors.shard;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Stands for the decoders of a cluster: each job goes to the one that has the fewest of this node's, begins anew on another one when its decoder is lost, and
 * waits while there is none. Its way is kept by a {@link DecoderErrand}.
 */
public final class RemoteDecoder extends AbstractBehavior<RemoteDecoder.Command> {
    /** What it is told. */
    sealed interface Command {}

    private record Pass(DecoderHost.Command message) implements Command {}

    private record Listed(Set<ActorRef<DecoderHost.Command>> decoders) implements Command {
        Listed {
            decoders = Set.copyOf(decoders);
        }
    }

    /** A decoder is stopping: its jobs have to go elsewhere. */
    record Left(ActorRef<DecoderHost.Command> decoder) implements Command {}

    private record ErrandOver(String jobId, ActorRef<DecoderErrand.Command> errand) implements Command {}

    /** @param decoder where the job is; empty while it waits for one */
    private record Errand(ActorRef<DecoderErrand.Command> actor, Optional<ActorRef<DecoderHost.Command>> decoder) {}

    private final int maxWaiting;
    private final Clock clock;
    private final Map<String, Errand> errands = new LinkedHashMap<>();
    private final Set<ActorRef<DecoderHost.Command>> decoders = new HashSet<>();

    private RemoteDecoder(
            ActorContext<Command> context, ServiceKey<DecoderHost.Command> key, int maxWaiting, Clock clock) {
        super(context);
        this.maxWaiting = maxWaiting;
        this.clock = clock;
        ActorRef<Receptionist.Listing> listed = context.messageAdapter(
                Receptionist.Listing.class, listing -> new Listed(listing.getServiceInstances(key)));
        context.getSystem().receptionist().tell(Receptionist.subscribe(key, listed));
    }

    /** Which decoders have the weights of a checkpoint. */
    public static ServiceKey<DecoderHost.Command> key(String revision) {
        return ServiceKey.create(DecoderHost.Command.class, "decoder-" + revision);
    }

    /**
     * The decoders that are found under a key.
     *
     * @param maxWaiting jobs that wait while there is none; the next one is refused
     */
    public static Behavior<DecoderHost.Command> create(
            ServiceKey<DecoderHost.Command> key, int maxWaiting, Clock clock) {
        Behavior<Command> remote = Behaviors.setup(context -> new RemoteDecoder(context, key, maxWaiting, clock));
        return Behaviors.transformMessages(
                DecoderHost.Command.class, remote, messages -> messages.match(DecoderHost.Command.class, Pass::new));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Pass.class, this::onPass)
                .onMessage(Listed.class, this::onListed)
                .onMessage(Left.class, this::onLeft)
                .onMessage(ErrandOver.class, this::onErrandOver)
                .build();
    }

    private Behavior<Command> onPass(Pass pass) {
        if (pass.message() instanceof DecoderHost.Render render) {
            onRender(render);
        } else if (pass.message() instanceof DecoderHost.Cancel cancel) {
            Optional.ofNullable(errands.get(cancel.jobId()))
                    .ifPresent(errand -> errand.actor().tell(new DecoderErrand.Cancel()));
        }
        return this;
    }

    private void onRender(DecoderHost.Render render) {
        String id = render.job().id();
        long waiting = errands.values().stream()
                .filter(errand -> errand.decoder().isEmpty())
                .count();
        if (decoders.isEmpty() && waiting >= maxWaiting) {
            render.job().close();
            render.replyTo()
                    .tell(new DecoderHost.NotRendered(
                            id,
                            DecoderHost.Failure.BUSY,
                            "no node of the role decoder has this checkpoint, and %d jobs already wait for one"
                                    .formatted(waiting)));
            return;
        }
        ActorRef<DecoderErrand.Command> errand = getContext()
                .spawnAnonymous(DecoderErrand.create(render, getContext().getSelf(), clock));
        getContext().watchWith(errand, new ErrandOver(id, errand));
        errands.put(id, new Errand(errand, Optional.empty()));
        place(id);
    }

    private void place(String jobId) {
        Errand errand = errands.get(jobId);
        Optional<ActorRef<DecoderHost.Command>> decoder = decoders.stream()
                .min(Comparator.comparingLong(this::jobsAt).thenComparing(ActorRef::path)); // the same order everywhere
        errands.put(jobId, new Errand(errand.actor(), decoder));
        decoder.ifPresentOrElse(
                place -> {
                    getContext()
                            .getLog()
                            .info(
                                    "job {} is rendered at {}",
                                    jobId,
                                    place.path().address());
                    errand.actor().tell(new DecoderErrand.GoTo(place));
                },
                () -> {
                    getContext()
                            .getLog()
                            .warn("job {} waits for a node of the role decoder that has this checkpoint", jobId);
                    errand.actor().tell(new DecoderErrand.Wait());
                });
    }

    private long jobsAt(ActorRef<DecoderHost.Command> decoder) {
        return errands.values().stream()
                .filter(errand -> errand.decoder().filter(decoder::equals).isPresent())
                .count();
    }

    private Behavior<Command> onListed(Listed listed) {
        decoders.clear();
        decoders.addAll(listed.decoders());
        placeStrays();
        return this;
    }

    private void placeStrays() {
        errands.entrySet().stream()
                .filter(entry ->
                        entry.getValue().decoder().filter(decoders::contains).isEmpty())
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::place);
    }

    /** Its node says so itself soon; until then no further job goes there. */
    private Behavior<Command> onLeft(Left left) {
        decoders.remove(left.decoder());
        placeStrays();
        return this;
    }

    private Behavior<Command> onErrandOver(ErrandOver over) {
        Optional.ofNullable(errands.get(over.jobId()))
                .filter(errand -> errand.actor().equals(over.errand()))
                .ifPresent(errand -> errands.remove(over.jobId()));
        return this;
    }
}
