package io.kinora.service.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.broker.BrokerSettings;
import io.kinora.kafka.client.KafkaSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which cluster a command talks to, without starting a broker of its own. */
final class BrokerOptions {
    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description =
                    "The cluster, several addresses with commas. Default: the broker of a 'kinora serve' on this machine.")
    private Optional<String> bootstrapServers = Optional.empty();

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file (HOCON) over the defaults.")
    private Optional<Path> config = Optional.empty();

    /** Settings that reach the cluster. */
    KafkaSettings settings() {
        Config loaded = config.map(BrokerOptions::file)
                .orElseGet(ConfigFactory::empty)
                .withFallback(ConfigFactory.load())
                .resolve();
        KafkaSettings settings = KafkaSettings.from(loaded);
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

    private static Config file(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new BadInputException("no such configuration file: " + path);
        }
        return ConfigFactory.parseFile(path.toFile());
    }
}
