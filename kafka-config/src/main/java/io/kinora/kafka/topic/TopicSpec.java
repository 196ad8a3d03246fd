package io.kinora.kafka.topic;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/**
 * One topic as it is declared.
 *
 * @param name as on the cluster
 * @param partitions of the topic when it is created, at least 1
 * @param replication copies of each partition, or -1 for the broker's default
 * @param cleanup what happens to old records
 * @param retention age after which records are deleted; empty: never by age
 * @param retentionBytes size of a partition above which old records are deleted; empty: never by size
 * @param maxMessageBytes largest record
 * @param config any other topic configuration, by Kafka's name
 */
public record TopicSpec(
        String name,
        int partitions,
        short replication,
        CleanupPolicy cleanup,
        Optional<Duration> retention,
        OptionalLong retentionBytes,
        int maxMessageBytes,
        Map<String, String> config) {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]{1,249}");
    private static final String UNLIMITED = "-1";

    public TopicSpec {
        if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException(
                    "topic name is \"%s\", allowed are 1 to 249 of a-z A-Z 0-9 . _ -".formatted(name));
        }
        if (partitions < 1) {
            throw new IllegalArgumentException("%s has %d partitions, needs at least 1".formatted(name, partitions));
        }
        if (replication < 1 && replication != -1) {
            throw new IllegalArgumentException("%s has replication %d, allowed are -1 (the broker's default) and from 1"
                    .formatted(name, replication));
        }
        Objects.requireNonNull(cleanup);
        retention.ifPresent(age -> {
            if (age.isNegative() || age.isZero()) {
                throw new IllegalArgumentException("%s has retention %s, must be positive".formatted(name, age));
            }
        });
        if (retentionBytes.isPresent() && retentionBytes.getAsLong() < 1) {
            throw new IllegalArgumentException(
                    "%s has retention-bytes %d, must be positive".formatted(name, retentionBytes.getAsLong()));
        }
        if (maxMessageBytes < 1_024) {
            throw new IllegalArgumentException(
                    "%s has max-message-size %d bytes, needs at least 1024".formatted(name, maxMessageBytes));
        }
        config = Map.copyOf(config);
    }

    /** Every topic configuration that the declaration says, by Kafka's names, sorted. */
    Map<String, String> kafkaConfig() {
        Map<String, String> all = new TreeMap<>(config);
        all.put(TopicConfig.CLEANUP_POLICY_CONFIG, cleanup.kafkaName());
        all.put(
                TopicConfig.RETENTION_MS_CONFIG,
                retention.map(age -> Long.toString(age.toMillis())).orElse(UNLIMITED));
        all.put(
                TopicConfig.RETENTION_BYTES_CONFIG,
                retentionBytes.isPresent() ? Long.toString(retentionBytes.getAsLong()) : UNLIMITED);
        all.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes));
        return all;
    }

    NewTopic toNewTopic() {
        Optional<Short> copies = replication == -1 ? Optional.empty() : Optional.of(replication);
        return new NewTopic(name, Optional.of(partitions), copies).configs(kafkaConfig());
    }
}
