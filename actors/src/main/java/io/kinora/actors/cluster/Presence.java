package io.kinora.actors.cluster;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** How many nodes there are with each of the roles that a node depends on; reachable ones, with the same weights. Thread-safe. */
public final class Presence {
    /** What the watching actor is told. */
    public sealed interface Command {}

    private record Found(Role role, int nodes) implements Command {}

    private final Map<Role, Integer> nodes = new EnumMap<>(Role.class);

    private Presence(Set<Role> roles) {
        roles.forEach(role -> nodes.put(role, 0));
    }

    /** Of a node that depends on nobody. */
    public static Presence alone() {
        return new Presence(Set.of());
    }

    /**
     * Of a node that depends on what is found under these keys, from now on.
     *
     * @param context whose child watches
     */
    public static Presence watch(ActorContext<?> context, Map<Role, ServiceKey<?>> places) {
        Presence presence = new Presence(places.keySet());
        context.spawn(presence.watching(places), "presence");
        return presence;
    }

    private Behavior<Command> watching(Map<Role, ServiceKey<?>> places) {
        return Behaviors.setup(context -> {
            places.forEach((role, key) -> subscribe(context, role, key));
            return Behaviors.receive(Command.class)
                    .onMessage(Found.class, found -> onFound(context, found))
                    .build();
        });
    }

    private static <T> void subscribe(ActorContext<Command> context, Role role, ServiceKey<T> key) {
        // An actor has one adapter for each class of messages, and this one has several keys: each is listened to by a
        // child.
        ActorRef<Receptionist.Listing> listed = context.spawn(
                Behaviors.receive(Receptionist.Listing.class)
                        .onAnyMessage(listing -> {
                            context.getSelf()
                                    .tell(new Found(
                                            role,
                                            listing.getServiceInstances(key).size()));
                            return Behaviors.same();
                        })
                        .build(),
                role.label());
        context.getSystem().receptionist().tell(Receptionist.subscribe(key, listed));
    }

    private Behavior<Command> onFound(ActorContext<Command> context, Found found) {
        synchronized (nodes) {
            nodes.put(found.role(), found.nodes());
        }
        context.getLog().info("nodes found with the role {}: {}", found.role().label(), found.nodes());
        return Behaviors.same();
    }

    /** How many nodes there are with each role that is depended on. */
    public Map<Role, Integer> nodes() {
        synchronized (nodes) {
            return Map.copyOf(nodes);
        }
    }

    /** The roles that are depended on and that no node has now: what needs them waits. */
    public Set<Role> missing() {
        Set<Role> missing = EnumSet.noneOf(Role.class);
        nodes().forEach((role, count) -> {
            if (count == 0) {
                missing.add(role);
            }
        });
        return missing;
    }
}
