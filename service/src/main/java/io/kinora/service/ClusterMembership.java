package io.kinora.service;

import akka.actor.typed.ActorSystem;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import akka.management.cluster.bootstrap.ClusterBootstrap;
import akka.management.javadsl.AkkaManagement;
import com.typesafe.config.Config;
import io.kinora.actors.cluster.ClusterSettings;
import io.kinora.actors.cluster.Discovery;

/** A node's way into its cluster. */
final class ClusterMembership {
    private ClusterMembership() {}

    /** Joins the cluster that the configuration describes, if it describes one; returns at once. Where there are seeds, Akka has begun to ask them already. */
    static void begin(ActorSystem<?> system, Config config) {
        ClusterSettings settings = ClusterSettings.from(config);
        if (!settings.enabled()) {
            return;
        }
        if (settings.discovery() != Discovery.SEEDS) {
            AkkaManagement.get(system).start();
            ClusterBootstrap.get(system).start();
        } else if (settings.seeds().isEmpty()) {
            Cluster cluster = Cluster.get(system);
            cluster.manager().tell(Join.create(cluster.selfMember().address()));
        }
    }
}
