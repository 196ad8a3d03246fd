package io.kinora.actors.shard;

import akka.actor.Address;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import akka.cluster.ClusterEvent;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Subscribe;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The stages of a language model where they are on other nodes: stands for the first of them, and lays the whole row anew when a node is lost, or when more
 * nodes have come than it lies on. To the language model that is a stage that was restarted, and it computes its sequences again.
 *
 * <p>Only nodes that are up get stages. A place can be found as soon as its node joins; but until a node that came back under its old address is up, Akka
 * takes whoever is watched there for a part of the node that is gone.
 */
final class StageRows extends AbstractBehavior<StageRows.Command> {
    /** What it is told. */
    sealed interface Command {}

    /** All stages of a row have loaded. */
    record Ready(ActorRef<StageRow.Command> row, long positions) implements Command {}

    /**
     * A row has ended.
     *
     * @param place whose stage ended first; empty where that is not known
     */
    record Lost(ActorRef<StageRow.Command> row, String reason, Optional<ActorRef<StagePlace.Command>> place)
            implements Command {}

    private record Again(String reason) implements Command {}

    private record Forgive(ActorRef<StagePlace.Command> place) implements Command {}

    private record Pass(StageHost.Command message) implements Command {}

    private record NodeChanged(Member member) implements Command {}

    private record Listed(Set<ActorRef<StagePlace.Command>> places) implements Command {
        Listed {
            places = Set.copyOf(places);
        }
    }

    /** @param ready whether its stages have loaded */
    private record Current(ActorRef<StageRow.Command> row, Set<ActorRef<StagePlace.Command>> places, boolean ready) {}

    private static final Duration PAUSE = Duration.ofMillis(500);
    /** Moving costs every sequence a prefill: a place that loses its stages twice within this time is not tried again before it is over. */
    private static final Duration DOUBT = Duration.ofMinutes(1);

    private final TimerScheduler<Command> timers;
    private final int count;
    private final ActorRef<LanguageModel.Command> languageModel;
    private final Duration patience;
    private final Set<Address> nodesThatAreUp = new HashSet<>();
    private final Set<ActorRef<StagePlace.Command>> listed = new HashSet<>();
    private final Set<ActorRef<StagePlace.Command>> places = new HashSet<>();
    private final Set<ActorRef<StagePlace.Command>> suspected = new HashSet<>();
    private final Set<ActorRef<StagePlace.Command>> doubted = new HashSet<>();
    private Optional<Current> current = Optional.empty();
    private boolean begun;

    private StageRows(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            int count,
            ServiceKey<StagePlace.Command> key,
            ActorRef<LanguageModel.Command> languageModel,
            Duration patience) {
        super(context);
        this.timers = timers;
        this.count = count;
        this.languageModel = languageModel;
        this.patience = patience;
        ActorRef<Receptionist.Listing> listings = context.messageAdapter(
                Receptionist.Listing.class, listing -> new Listed(listing.getServiceInstances(key)));
        context.getSystem().receptionist().tell(Receptionist.subscribe(key, listings));
        ActorRef<ClusterEvent.MemberEvent> changes =
                context.messageAdapter(ClusterEvent.MemberEvent.class, event -> new NodeChanged(event.member()));
        // The state that can be asked for may still be the one before an event: what counts is what the events say.
        Cluster.get(context.getSystem())
                .subscriptions()
                .tell(Subscribe.create(changes, ClusterEvent.MemberEvent.class));
    }

    /**
     * Rows of so many stages.
     *
     * @param key where there is room for them
     * @param patience how long a step may take
     */
    static Behavior<StageHost.Command> create(
            int count,
            ServiceKey<StagePlace.Command> key,
            ActorRef<LanguageModel.Command> languageModel,
            Duration patience) {
        Behavior<Command> rows = Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new StageRows(context, timers, count, key, languageModel, patience)));
        return Behaviors.transformMessages(
                StageHost.Command.class, rows, messages -> messages.match(StageHost.Command.class, Pass::new));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Pass.class, this::onPass)
                .onMessage(Listed.class, this::onListed)
                .onMessage(NodeChanged.class, this::onNodeChanged)
                .onMessage(Ready.class, this::onReady)
                .onMessage(Lost.class, this::onLost)
                .onMessage(Again.class, this::onAgain)
                .onMessage(Forgive.class, this::onForgive)
                .build();
    }

    /** What comes while there is no row is lost with the caches it is about; the next row has its sequences computed again. */
    private Behavior<Command> onPass(Pass pass) {
        Optional<Current> ready = current.filter(Current::ready);
        if (ready.isPresent()) {
            ready.get().row().tell(new StageRow.Pass(pass.message()));
        } else if (pass.message() instanceof StageHost.Run run) {
            run.input().close();
        }
        return this;
    }

    private Behavior<Command> onListed(Listed found) {
        listed.clear();
        listed.addAll(found.places());
        take(placesThatAreUp());
        return this;
    }

    private Behavior<Command> onNodeChanged(NodeChanged changed) {
        Member member = changed.member();
        if (member.status() == MemberStatus.up() || member.status() == MemberStatus.weaklyUp()) {
            nodesThatAreUp.add(member.address());
        } else {
            nodesThatAreUp.remove(member.address());
        }
        Set<ActorRef<StagePlace.Command>> up = placesThatAreUp();
        if (!up.equals(places)) {
            take(up);
        }
        return this;
    }

    private Set<ActorRef<StagePlace.Command>> placesThatAreUp() {
        return listed.stream().filter(this::isUp).collect(Collectors.toSet());
    }

    private void take(Set<ActorRef<StagePlace.Command>> up) {
        places.clear();
        places.addAll(up);
        suspected.retainAll(places);
        doubted.retainAll(places);
        layAnewIfBetter("the nodes for stages are now %s".formatted(addresses()));
    }

    private boolean isUp(ActorRef<StagePlace.Command> place) {
        Address address = place.path().address();
        return address.hasLocalScope() || nodesThatAreUp.contains(address);
    }

    /** Where stages are laid: places in doubt only where there are no others. */
    private List<ActorRef<StagePlace.Command>> usable() {
        boolean allDoubted = doubted.containsAll(places);
        return places.stream()
                .filter(place -> allDoubted || !doubted.contains(place))
                .sorted(Comparator.comparing(ActorRef::path))
                .toList();
    }

    private void layAnewIfBetter(String reason) {
        boolean lies = current.isPresent()
                && places.containsAll(current.get().places())
                && current.get().places().size() >= Math.min(count, usable().size());
        if (!lies) {
            layAnew(reason);
        }
    }

    private List<String> addresses() {
        return places.stream()
                .map(place -> place.path().address().toString())
                .sorted()
                .toList();
    }

    private Behavior<Command> onReady(Ready ready) {
        if (current.isEmpty() || !current.get().row().equals(ready.row())) {
            return this;
        }
        current = Optional.of(new Current(ready.row(), current.get().places(), true));
        // Each stage tells of its first start; one of another start.
        IntStream.range(0, begun ? 1 : count)
                .forEach(stage -> languageModel.tell(new LanguageModel.StageStarted(stage, ready.positions())));
        begun = true;
        return this;
    }

    private Behavior<Command> onLost(Lost lost) {
        if (current.isPresent() && current.get().row().equals(lost.row())) {
            end();
            lost.place().filter(places::contains).ifPresent(this::suspect);
            timers.startSingleTimer(new Again(lost.reason()), PAUSE);
        }
        return this;
    }

    private Behavior<Command> onAgain(Again again) {
        if (current.isEmpty()) {
            layAnew(again.reason());
        }
        return this;
    }

    private void suspect(ActorRef<StagePlace.Command> place) {
        if (!suspected.add(place)) {
            doubted.add(place);
        }
        timers.startSingleTimer(place, new Forgive(place), DOUBT);
    }

    private Behavior<Command> onForgive(Forgive forgive) {
        suspected.remove(forgive.place());
        doubted.remove(forgive.place());
        layAnewIfBetter("%s is tried again".formatted(forgive.place().path().address()));
        return this;
    }

    private void end() {
        current.ifPresent(old -> getContext().stop(old.row()));
        current = Optional.empty();
    }

    private void layAnew(String reason) {
        end();
        if (places.isEmpty()) {
            getContext().getLog().warn("{}: the language model waits for nodes that take its stages", reason);
            return;
        }
        List<ActorRef<StagePlace.Command>> sorted = usable();
        int used = Math.min(count, sorted.size());
        List<ActorRef<StagePlace.Command>> laid = IntStream.range(0, count)
                .mapToObj(stage -> sorted.get(stage * used / count))
                .toList();
        getContext().getLog().info("{}: {} stages are laid on {}", reason, count, laid);
        current = Optional.of(new Current(
                getContext().spawnAnonymous(StageRow.create(laid, getContext().getSelf(), languageModel, patience)),
                Set.copyOf(laid),
                false));
    }
}
