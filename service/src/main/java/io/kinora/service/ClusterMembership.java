package io.kinora.service;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import akka.management.cluster.bootstrap.ClusterBootstrap;
import akka.management.javadsl.AkkaManagement;
import com.typesafe.config.Config;
import io.kinora.actors.cluster.ClusterSettings;
import io.kinora.actors.cluster.Discovery;
import java.util.concurrent.CountDownLatch;

/** A node's way into its cluster. Thread-safe. */
final class ClusterMembership {
    private final int wire;
    private final CountDownLatch up = new CountDownLatch(1);

    private ClusterMembership(int wire) {
        this.wire = wire;
    }

    /** Joins the cluster that the configuration describes, if it describes one; returns at once. Where there are seeds, Akka has begun to ask them already. */
    static ClusterMembership begin(ActorSystem<?> system, Config config) {
        ClusterMembership membership = new ClusterMembership(config.getInt("kinora.wire"));
        ClusterSettings settings = ClusterSettings.from(config);
        if (settings.enabled()) {
            membership.begin(system, settings);
        }
        return membership;
    }

    private void begin(ActorSystem<?> system, ClusterSettings settings) {
        akka.cluster.Cluster.get(Adapter.toClassic(system)).registerOnMemberUp(up::countDown);
        if (settings.discovery() != Discovery.SEEDS) {
            AkkaManagement.get(system).start();
            ClusterBootstrap.get(system).start();
        } else if (settings.seeds().isEmpty()) {
            Cluster cluster = Cluster.get(system);
            cluster.manager().tell(Join.create(cluster.selfMember().address()));
        }
    }

    /** Why a node ended that nobody asked to. */
    String loss() {
        return up.getCount() == 0
                ? "the cluster has removed this node: it was out of the others' reach"
                : "no cluster has taken this node: none was found, or it was refused, and then the log of the node that refused it says why (kinora.wire is %d here)"
                        .formatted(wire);
    }
}
