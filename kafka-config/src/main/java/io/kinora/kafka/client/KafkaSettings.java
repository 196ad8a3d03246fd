package io.kinora.kafka.client;

import com.typesafe.config.Config;
import io.kinora.kafka.FlatProperties;
import io.kinora.kafka.broker.BrokerSettings;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.topic.TopicCatalog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * All of {@code kinora.kafka}. Immutable; printing it shows no secret.
 *
 * @param bootstrapServers where the cluster is; empty while the embedded broker that will say so has not started
 * @param embedded how to run a broker of our own; present when {@code bootstrap-servers} is {@code embedded}
 * @param clientId prefix of client ids
 * @param groupId prefix of consumer groups and transactional ids
 * @param requestTimeout of one request
 * @param deliveryTimeout of one record, retries included
 * @param transactionTimeout after which the cluster aborts an abandoned transaction
 * @param properties kafka-clients' own, passed through
 * @param claimCheck how clips too large for a record travel
 * @param clipIndex what is remembered of the clips topic
 * @param topics the declared topics
 */
public record KafkaSettings(
        Optional<String> bootstrapServers,
        Optional<BrokerSettings> embedded,
        String clientId,
        String groupId,
        Duration requestTimeout,
        Duration deliveryTimeout,
        Duration transactionTimeout,
        ClientProperties properties,
        ClaimCheckSettings claimCheck,
        ClipIndexSettings clipIndex,
        TopicCatalog topics) {
    private static final String EMBEDDED = "embedded";

    /** What a record holds beside an inline clip: key, headers, framing. */
    private static final int ROOM_FOR_HEADERS = 64 * 1024;

    /**
     * How clips too large for a record travel.
     *
     * @param folder of the file store
     * @param inlineUpTo bytes up to which a clip is the record's value
     * @param maxSize bytes above which a clip is refused
     */
    public record ClaimCheckSettings(Path folder, int inlineUpTo, long maxSize) {
        public ClaimCheckSettings {
            Objects.requireNonNull(folder);
            if (inlineUpTo < 0) {
                throw new IllegalArgumentException(
                        "kinora.kafka.claim-check.inline-up-to is %d bytes, must not be negative"
                                .formatted(inlineUpTo));
            }
            if (maxSize < inlineUpTo || maxSize > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "kinora.kafka.claim-check.max-size is %d bytes, allowed are inline-up-to (%d) to %d"
                                .formatted(maxSize, inlineUpTo, Integer.MAX_VALUE));
            }
        }
    }

    /**
     * What is remembered of the clips topic.
     *
     * @param clipsPerStream newest clips kept of each stream
     * @param maxStreams streams kept
     * @param lookback how far back the index reads at start; empty: all that is retained
     */
    public record ClipIndexSettings(int clipsPerStream, int maxStreams, Optional<Duration> lookback) {
        public ClipIndexSettings {
            atLeastOne("clips-per-stream", clipsPerStream);
            atLeastOne("max-streams", maxStreams);
            lookback.ifPresent(age -> positive("clip-index.lookback", age));
        }

        private static void atLeastOne(String key, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(
                        "kinora.kafka.clip-index.%s is %d, must be at least 1".formatted(key, value));
            }
        }
    }

    public KafkaSettings {
        bootstrapServers.ifPresent(servers -> notBlank("bootstrap-servers", servers));
        if (bootstrapServers.isEmpty() && embedded.isEmpty()) {
            throw new IllegalArgumentException(
                    "kinora.kafka.bootstrap-servers names no cluster, and no embedded broker is set");
        }
        notBlank("client-id", clientId);
        notBlank("group-id", groupId);
        positive("request-timeout", requestTimeout);
        positive("transaction-timeout", transactionTimeout);
        if (deliveryTimeout.compareTo(requestTimeout.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException(
                    "kinora.kafka.delivery-timeout is %s, must be at least twice request-timeout (%s)"
                            .formatted(deliveryTimeout, requestTimeout));
        }
        Objects.requireNonNull(properties);
        Objects.requireNonNull(clipIndex);
        int clipRoom = Math.min(
                        topics.spec(Topic.CLIPS).maxMessageBytes(),
                        topics.spec(Topic.VIDEOS).maxMessageBytes())
                - ROOM_FOR_HEADERS;
        if (claimCheck.inlineUpTo() > clipRoom) {
            throw new IllegalArgumentException(
                    "kinora.kafka.claim-check.inline-up-to is %d bytes, the topics' max-message-size leaves room for %d"
                            .formatted(claimCheck.inlineUpTo(), clipRoom));
        }
    }

    /**
     * Reads {@code kinora.kafka}.
     *
     * @param root the whole configuration
     * @throws com.typesafe.config.ConfigException when a key is missing or of another type
     * @throws IllegalArgumentException when a value is not allowed; the message names the key
     */
    public static KafkaSettings from(Config root) {
        Config kafka = root.getConfig("kinora.kafka");
        TopicCatalog topics = TopicCatalog.from(root);
        String servers = kafka.getString("bootstrap-servers");
        boolean embedded = servers.equals(EMBEDDED);
        return new KafkaSettings(
                embedded ? Optional.empty() : Optional.of(servers),
                embedded ? Optional.of(broker(kafka.getConfig("embedded"), topics)) : Optional.empty(),
                kafka.getString("client-id"),
                kafka.getString("group-id"),
                kafka.getDuration("request-timeout"),
                kafka.getDuration("delivery-timeout"),
                kafka.getDuration("transaction-timeout"),
                ClientProperties.from(kafka),
                claimCheck(kafka.getConfig("claim-check")),
                clipIndex(kafka.getConfig("clip-index")),
                topics);
    }

    private static BrokerSettings broker(Config config, TopicCatalog topics) {
        int port = config.getInt("port");
        return new BrokerSettings(
                Path.of(config.getString("folder")),
                config.getString("host"),
                port == 0 ? OptionalInt.empty() : OptionalInt.of(port),
                topics.largestMessageBytes(),
                FlatProperties.of(config.getConfig("properties")));
    }

    private static ClaimCheckSettings claimCheck(Config config) {
        return new ClaimCheckSettings(
                Path.of(config.getString("folder")),
                Math.toIntExact(config.getMemorySize("inline-up-to").toBytes()),
                config.getMemorySize("max-size").toBytes());
    }

    private static ClipIndexSettings clipIndex(Config config) {
        Optional<Duration> lookback = config.getString("lookback").equals("infinite")
                ? Optional.empty()
                : Optional.of(config.getDuration("lookback"));
        return new ClipIndexSettings(config.getInt("clips-per-stream"), config.getInt("max-streams"), lookback);
    }

    /** The same for the cluster at this address: for an embedded broker once it has started. */
    public KafkaSettings withBootstrapServers(String servers) {
        return new KafkaSettings(
                Optional.of(servers),
                embedded,
                clientId,
                groupId,
                requestTimeout,
                deliveryTimeout,
                transactionTimeout,
                properties,
                claimCheck,
                clipIndex,
                topics);
    }

    private static void notBlank(String key, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("kinora.kafka.%s is blank".formatted(key));
        }
    }

    private static void positive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("kinora.kafka.%s is %s, must be positive".formatted(key, value));
        }
    }
}
