package io.kinora.service.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of every command that is a client of a cluster, and computes nothing itself. */
final class ClusterOptions {
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
    KafkaSettings settings() {
        Map<String, Object> given = new LinkedHashMap<>();
        data.ifPresent(folder -> given.put(
                "kinora.kafka.claim-check.folder", folder.resolve("claims").toString()));
        Config merged = ConfigFactory.parseMap(given)
                .withFallback(config.map(ClusterOptions::file).orElseGet(ConfigFactory::empty))
                .withFallback(ConfigFactory.load())
                .resolve();
        KafkaSettings settings = KafkaSettings.from(merged);
        if (bootstrapServers.isPresent()) {
            return settings.withBootstrapServers(bootstrapServers.get());
        }
        return settings.bootstrapServers().isPresent()
                ? settings
                : settings.withBootstrapServers("%s:%d"
                        .formatted(
                                merged.getString("kinora.kafka.embedded.host"),
                                merged.getInt("kinora.kafka.embedded.port")));
    }

    /** Clients of it. */
    KafkaClients clients() {
        return new KafkaClients(settings());
    }

    private static Config file(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new BadInputException("no such configuration file: " + path);
        }
        return ConfigFactory.parseFile(path.toFile());
    }
}
