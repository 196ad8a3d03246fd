package io.kinora.service;

import com.typesafe.config.Config;
import io.kinora.kafka.broker.EmbeddedBroker;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import java.util.Optional;

/** The cluster that the configuration names, or a broker of our own in this process; its topics are there. */
public final class KafkaCluster implements AutoCloseable {
    private final KafkaSettings settings;
    private final Optional<EmbeddedBroker> broker;

    private KafkaCluster(KafkaSettings settings, Optional<EmbeddedBroker> broker) {
        this.settings = settings;
        this.broker = broker;
    }

    /**
     * Starts the embedded broker where there is to be one, and creates or verifies the topics; blocks for some seconds.
     *
     * @throws io.kinora.kafka.broker.BrokerException if the broker cannot start
     * @throws io.kinora.kafka.topic.IncompatibleTopicException if a topic cannot serve
     * @throws io.kinora.kafka.TransientBrokerException if the cluster does not answer
     */
    public static KafkaCluster open(Config config) {
        KafkaSettings settings = KafkaSettings.from(config);
        Optional<EmbeddedBroker> broker = settings.embedded().map(EmbeddedBroker::start);
        KafkaSettings reachable = broker.map(started -> settings.withBootstrapServers(started.bootstrapServers()))
                .orElse(settings);
        KafkaCluster cluster = new KafkaCluster(reachable, broker);
        try {
            new KafkaClients(reachable).provisionTopics();
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** Settings for its clients. */
    public KafkaSettings settings() {
        return settings;
    }

    /** Its address. */
    public String address() {
        return settings.bootstrapServers().orElseThrow();
    }

    @Override
    public void close() {
        broker.ifPresent(EmbeddedBroker::close);
    }
}
