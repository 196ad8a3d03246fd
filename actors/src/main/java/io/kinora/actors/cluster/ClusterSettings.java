package io.kinora.actors.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a node belongs to a cluster.
 *
 * @param enabled whether it belongs to one
 * @param roles what it does
 * @param discovery how it finds the others
 * @param seeds addresses of nodes that are asked first, {@code host:port}; read where the discovery is by seeds
 * @param stepPatience how long a step of the language model may take before its stages count as lost
 * @param largestMessage most bytes of what is sent between nodes at once
 */
public record ClusterSettings(
        boolean enabled,
        Set<Role> roles,
        Discovery discovery,
        List<String> seeds,
        Duration stepPatience,
        long largestMessage) {
    private static final String SYSTEM = "kinora";

    /** Checks that the node does something. */
    public ClusterSettings {
        roles = Set.copyOf(roles);
        seeds = List.copyOf(seeds);
        if (roles.isEmpty()) {
            throw new IllegalArgumentException("kinora.cluster.roles is empty: the node would do nothing");
        }
        if (stepPatience.isNegative() || stepPatience.isZero()) {
            throw new IllegalArgumentException(
                    "kinora.cluster.step-patience is %s, must be longer than nothing".formatted(stepPatience));
        }
    }

    /**
     * Reads {@code kinora.cluster}. A node outside a cluster does everything.
     *
     * @param root the whole configuration
     * @throws com.typesafe.config.ConfigException when a key is missing or of another type
     * @throws IllegalArgumentException when a role or a way of discovery is not known
     */
    public static ClusterSettings from(Config root) {
        Config cluster = root.getConfig("kinora.cluster");
        boolean enabled = cluster.getBoolean("enabled");
        Set<Role> roles = EnumSet.noneOf(Role.class);
        cluster.getStringList("roles").forEach(label -> roles.add(Role.named(label)));
        return new ClusterSettings(
                enabled,
                enabled ? roles : EnumSet.allOf(Role.class),
                Discovery.named(cluster.getString("discovery")),
                cluster.getStringList("seeds"),
                cluster.getDuration("step-patience"),
                cluster.getBytes("largest-message"));
    }

    /** Whether a node of a role answers questions and keeps sessions. */
    public boolean answers() {
        return roles.contains(Role.INGEST) || roles.contains(Role.API);
    }

    /** The configuration of an actor system that belongs to the cluster; the same where there is none. */
    public static Config applied(Config root) {
        ClusterSettings settings = from(root);
        if (!settings.enabled()) {
            return root;
        }
        Config cluster = root.getConfig("kinora.cluster");
        Map<String, Object> akka = new LinkedHashMap<>();
        akka.put("akka.actor.provider", "cluster");
        akka.put("akka.cluster.app-version", cluster.getString("version"));
        akka.put("akka.cluster.configuration-compatibility-check.checkers.kinora", SameWire.class.getName());
        akka.put("akka.remote.artery.canonical.hostname", cluster.getString("host"));
        akka.put("akka.remote.artery.canonical.port", cluster.getInt("port"));
        if (!cluster.getString("bind-host").isEmpty()) {
            akka.put("akka.remote.artery.bind.hostname", cluster.getString("bind-host"));
        }
        akka.put(
                "akka.cluster.roles",
                settings.roles().stream().map(Role::label).sorted().toList());
        if (settings.discovery() == Discovery.SEEDS) {
            akka.put(
                    "akka.cluster.seed-nodes",
                    settings.seeds().stream()
                            .map(seed -> "akka://%s@%s".formatted(SYSTEM, seed))
                            .toList());
        } else {
            akka.putAll(management(settings.discovery(), cluster));
        }
        akka.put("akka.remote.artery.advanced.maximum-large-frame-size", settings.largestMessage());
        akka.put(
                "akka.cluster.split-brain-resolver.stable-after",
                cluster.getDuration("stable-after").toMillis() + "ms");
        return ConfigFactory.parseMap(akka)
                .withFallback(root.getConfig("kinora.cluster.akka").atPath("akka"))
                .withFallback(root)
                .resolve();
    }

    private static Map<String, Object> management(Discovery discovery, Config cluster) {
        Config management = cluster.getConfig("management");
        String host = management.getString("host");
        return Map.of(
                "akka.discovery.method", discovery.method(),
                "akka.management.http.hostname", host.isEmpty() ? cluster.getString("host") : host,
                "akka.management.http.bind-hostname", cluster.getString("bind-host"),
                "akka.management.http.port", management.getInt("port"),
                "akka.management.cluster.bootstrap.contact-point-discovery.service-name",
                        management.getString("service"),
                "akka.management.cluster.bootstrap.contact-point-discovery.port-name",
                        management.getString("port-name"),
                "akka.management.cluster.bootstrap.contact-point-discovery.required-contact-point-nr",
                        management.getInt("required"));
    }
}
