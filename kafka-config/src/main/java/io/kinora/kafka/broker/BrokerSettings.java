package io.kinora.kafka.broker;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * How an embedded broker runs.
 *
 * @param folder where its data lies; created when missing
 * @param host the address it listens on and tells its clients
 * @param port a chosen one, or empty for any free one
 * @param maxMessageBytes largest record of topics that do not say their own
 * @param properties any other broker property, by Kafka's name
 */
public record BrokerSettings(
        Path folder, String host, OptionalInt port, int maxMessageBytes, Map<String, String> properties) {
    public static final String DEFAULT_HOST = "127.0.0.1";
    public static final int DEFAULT_MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    public BrokerSettings {
        Objects.requireNonNull(folder);
        if (host.isBlank()) {
            throw new IllegalArgumentException("kinora.kafka.embedded.host is blank");
        }
        if (port.isPresent() && (port.getAsInt() < 1 || port.getAsInt() > 65_535)) {
            throw new IllegalArgumentException("kinora.kafka.embedded.port is %d, allowed are 1 to 65535, or 0 for any"
                    .formatted(port.getAsInt()));
        }
        if (maxMessageBytes < 1_024) {
            throw new IllegalArgumentException(
                    "the largest record is %d bytes, needs at least 1024".formatted(maxMessageBytes));
        }
        properties = Map.copyOf(properties);
    }

    /** On the loopback address, any free port. */
    public static BrokerSettings in(Path folder) {
        return new BrokerSettings(folder, DEFAULT_HOST, OptionalInt.empty(), DEFAULT_MAX_MESSAGE_BYTES, Map.of());
    }

    public BrokerSettings withPort(int port) {
        return new BrokerSettings(folder, host, OptionalInt.of(port), maxMessageBytes, properties);
    }
}
