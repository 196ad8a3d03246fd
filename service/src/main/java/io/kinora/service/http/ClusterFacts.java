package io.kinora.service.http;

import akka.actor.typed.ActorSystem;
import akka.cluster.ClusterEvent;
import akka.cluster.Member;
import akka.cluster.typed.Cluster;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.actors.cluster.Presence;
import io.kinora.actors.cluster.Role;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** What a node sees of its cluster: who belongs to it, and which roles it waits for. Thread-safe. */
public final class ClusterFacts {
    private final Cluster cluster;
    private final Presence presence;

    /** Of a node that belongs to a cluster. */
    public ClusterFacts(ActorSystem<?> system, Presence presence) {
        this.cluster = Cluster.get(system);
        this.presence = presence;
    }

    /** Whether the node can do something: answer, or, where the checkpoint answers no questions, render. */
    boolean isReady() {
        Set<Role> missing = presence.missing();
        return presence.nodes().containsKey(Role.LLM)
                ? !missing.contains(Role.LLM) && !missing.contains(Role.ENCODER)
                : missing.isEmpty();
    }

    /** For who watches over the node. */
    String readiness() {
        Set<Role> missing = presence.missing();
        String waiting = missing.isEmpty()
                ? ""
                : "waiting for nodes with the role "
                        + missing.stream().map(Role::label).collect(Collectors.joining(", "));
        return (isReady() ? missing.isEmpty() ? "ready" : "ready; " + waiting : waiting) + "\n";
    }

    void describe(ObjectNode node) {
        ObjectNode facts = node.putObject("cluster")
                .put("address", cluster.selfMember().address().toString())
                .put("version", cluster.selfMember().appVersion().toString());
        Map<Role, Integer> found = new TreeMap<>(presence.nodes());
        ObjectNode counts = facts.putObject("nodes");
        found.forEach((role, count) -> counts.put(role.label(), count));
        ArrayNode waiting = facts.putArray("waiting_for");
        EnumSet.allOf(Role.class).stream()
                .filter(presence.missing()::contains)
                .forEach(role -> waiting.add(role.label()));
        ArrayNode members = facts.putArray("members");
        ClusterEvent.CurrentClusterState state = cluster.state();
        StreamSupport.stream(state.getMembers().spliterator(), false)
                .sorted(Comparator.comparing(member -> member.address().toString()))
                .forEach(member -> describe(member, state.getUnreachable().contains(member), members.addObject()));
    }

    private static void describe(Member member, boolean unreachable, ObjectNode facts) {
        facts.put("address", member.address().toString())
                .put("status", member.status().toString().toLowerCase(Locale.ROOT))
                .put("reachable", !unreachable)
                .put("version", member.appVersion().toString());
        ArrayNode roles = facts.putArray("roles");
        member.getRoles().stream()
                .filter(role -> !role.startsWith("dc-"))
                .sorted()
                .forEach(roles::add);
    }
}
