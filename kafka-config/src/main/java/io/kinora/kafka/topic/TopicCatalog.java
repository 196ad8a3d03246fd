package io.kinora.kafka.topic;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigMemorySize;
import io.kinora.kafka.FlatProperties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * All topics, read from {@code kinora.kafka.topics}: one for each {@link Topic}, and a dead-letter topic for each input.
 * Immutable.
 */
public final class TopicCatalog {
    private static final String INFINITE = "infinite";

    private final Map<Topic, TopicSpec> topics;
    private final Map<Topic, TopicSpec> deadLetters;
    private final String deadLetterSuffix;
    private final boolean createMissing;

    private TopicCatalog(
            Map<Topic, TopicSpec> topics,
            Map<Topic, TopicSpec> deadLetters,
            String deadLetterSuffix,
            boolean createMissing) {
        this.topics = topics;
        this.deadLetters = deadLetters;
        this.deadLetterSuffix = deadLetterSuffix;
        this.createMissing = createMissing;
    }

    /**
     * Reads the catalog.
     *
     * @param root the whole configuration, in which {@code kinora.kafka.topics} lies
     * @throws com.typesafe.config.ConfigException when a key is missing or of another type
     * @throws IllegalArgumentException when a value is not allowed, or two topics share a name
     */
    public static TopicCatalog from(Config root) {
        Config config = root.getConfig("kinora.kafka.topics");
        Config dead = config.getConfig("dead-letters");
        String suffix = dead.getString("suffix");
        Map<Topic, TopicSpec> topics = new EnumMap<>(Topic.class);
        Map<Topic, TopicSpec> deadLetters = new EnumMap<>(Topic.class);
        for (Topic topic : Topic.values()) {
            TopicSpec spec = spec(topic.configKey(), config.getConfig(topic.configKey()));
            topics.put(topic, spec);
            if (topic.isInput()) {
                deadLetters.put(topic, deadLetter(spec, suffix, dead));
            }
        }
        TopicCatalog catalog = new TopicCatalog(topics, deadLetters, suffix, config.getBoolean("create-missing"));
        catalog.refuseSharedNames();
        return catalog;
    }

    private static TopicSpec spec(String key, Config config) {
        return new TopicSpec(
                config.getString("name"),
                config.getInt("partitions"),
                (short) config.getInt("replication"),
                CleanupPolicy.of(key + ".cleanup-policy", config.getString("cleanup-policy")),
                duration(config, "retention"),
                bytes(config, "retention-bytes"),
                size(config, "max-message-size"),
                FlatProperties.of(config.getConfig("config")));
    }

    private static TopicSpec deadLetter(TopicSpec input, String suffix, Config config) {
        return new TopicSpec(
                input.name() + suffix,
                input.partitions(),
                input.replication(),
                CleanupPolicy.DELETE,
                duration(config, "retention"),
                bytes(config, "retention-bytes"),
                Math.addExact(input.maxMessageBytes(), size(config, "header-room")),
                Map.of());
    }

    private static Optional<Duration> duration(Config config, String key) {
        return config.getString(key).equals(INFINITE) ? Optional.empty() : Optional.of(config.getDuration(key));
    }

    private static OptionalLong bytes(Config config, String key) {
        return config.getString(key).equals(INFINITE)
                ? OptionalLong.empty()
                : OptionalLong.of(config.getMemorySize(key).toBytes());
    }

    private static int size(Config config, String key) {
        ConfigMemorySize size = config.getMemorySize(key);
        return Math.toIntExact(size.toBytes());
    }

    private void refuseSharedNames() {
        Set<String> seen = new HashSet<>();
        for (TopicSpec spec : all()) {
            if (!seen.add(spec.name())) {
                throw new IllegalArgumentException(
                        "kinora.kafka.topics has two topics named %s; each needs its own".formatted(spec.name()));
            }
        }
    }

    public TopicSpec spec(Topic topic) {
        return topics.get(topic);
    }

    /** The topic's name on the cluster. */
    public String name(Topic topic) {
        return spec(topic).name();
    }

    /** The name of the dead-letter topic of an input topic of this name. */
    public String deadLetterName(String inputName) {
        return inputName + deadLetterSuffix;
    }

    /** The declaration of an input's dead-letter topic. */
    public Optional<TopicSpec> deadLetter(Topic input) {
        return Optional.ofNullable(deadLetters.get(input));
    }

    boolean isDeadLetter(TopicSpec spec) {
        return deadLetters.containsValue(spec);
    }

    /** Every declared topic, dead-letter topics last. */
    public List<TopicSpec> all() {
        List<TopicSpec> specs = new ArrayList<>(topics.values());
        specs.addAll(deadLetters.values());
        return List.copyOf(specs);
    }

    /** The largest record that any topic takes, in bytes: what brokers and clients have to be sized for. */
    public int largestMessageBytes() {
        return all().stream().mapToInt(TopicSpec::maxMessageBytes).max().orElseThrow();
    }

    /** The role of a topic of this name, if it is declared and no dead-letter topic. */
    public Optional<Topic> topicNamed(String name) {
        return Arrays.stream(Topic.values())
                .filter(topic -> name(topic).equals(name))
                .findFirst();
    }

    boolean createMissing() {
        return createMissing;
    }
}
