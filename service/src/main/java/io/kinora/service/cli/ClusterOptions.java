package io.kinora.service.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.broker.BrokerSettings;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of every command that is a client of a cluster, and computes nothing itself. */
final class ClusterOptions {
    /** How long a cluster may take for its first word; nobody likes to look at nothing for longer. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description =
                    "The cluster, several addresses with commas. Default: where 'kinora serve' runs its own broker.")
    private Optional<String> bootstrapServers = Optional.empty();

    @Option(names = "--data", paramLabel = "DIR", description = "Folder where large clips lie. Default: data.")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration file (HOCON) over the defaults; the options win over it.")
    private Optional<Path> config = Optional.empty();

    /** Where the cluster is, and how its topics are called. */
    private KafkaSettings settings() {
        Map<String, Object> given = new LinkedHashMap<>();
        data.ifPresent(folder -> given.put(
                "kinora.kafka.claim-check.folder", folder.resolve("claims").toString()));
        Config merged = ConfigFactory.parseMap(given)
                .withFallback(config.map(ClusterOptions::file).orElseGet(ConfigFactory::empty))
                .withFallback(ConfigFactory.load())
                .resolve();
        KafkaSettings settings = KafkaSettings.from(merged);
        return bootstrapServers.map(settings::withBootstrapServers).orElseGet(() -> settings.embedded()
                .map(broker -> settings.withBootstrapServers(address(broker)))
                .orElse(settings));
    }

    private static String address(BrokerSettings broker) {
        int port = broker.port()
                .orElseThrow(() -> new BadInputException(
                        "the broker of this machine has no fixed port: give --bootstrap-servers"));
        return broker.host() + ":" + port;
    }

    /**
     * Clients of it.
     *
     * @throws TransientBrokerException if it does not answer
     */
    KafkaClients clients() {
        KafkaSettings settings = settings();
        KafkaClients clients = new KafkaClients(settings);
        try {
            clients.requireAnAnswer(PATIENCE);
        } catch (TransientBrokerException e) {
            throw new TransientBrokerException(
                    "%s: start 'kinora serve', or name another cluster with --bootstrap-servers"
                            .formatted(e.getMessage()),
                    e);
        }
        return clients;
    }

    private static Config file(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new BadInputException("no such configuration file: " + path);
        }
        return ConfigFactory.parseFile(path.toFile());
    }
}
