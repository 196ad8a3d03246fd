package io.kinora.actors.cluster;

import java.util.Arrays;
import java.util.Locale;

/** How the nodes of a cluster find each other. */
public enum Discovery {
    /** By addresses in the configuration of each. */
    SEEDS(""),
    /** Akka Management, by what stands under {@code akka.discovery.config}. */
    CONFIG("config"),
    /** Akka Management, by asking DNS. */
    DNS("akka-dns"),
    /** Akka Management, by asking the Kubernetes API. */
    KUBERNETES("kubernetes-api");

    private final String method;

    Discovery(String method) {
        this.method = method;
    }

    /** As it is written in the configuration. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The name that Akka Discovery has for it; none for {@link #SEEDS}. */
    String method() {
        return method;
    }

    static Discovery named(String label) {
        return Arrays.stream(values())
                .filter(discovery -> discovery.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("kinora.cluster.discovery is %s, allowed are %s"
                        .formatted(
                                label,
                                Arrays.stream(values()).map(Discovery::label).toList())));
    }
}
