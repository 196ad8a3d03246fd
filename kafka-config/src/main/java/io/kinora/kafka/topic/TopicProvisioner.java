package io.kinora.kafka.topic;

import io.kinora.kafka.TransientBrokerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a cluster agree with the catalog: creates the topics that are missing and compares those that exist. An existing
 * topic is never altered. A difference that would lose or refuse records (cleanup policy, a smaller largest record, dead letters without their partition) is
 * refused; any other (partitions, retention, replication) is reported and lived with.
 */
public final class TopicProvisioner {
    private static final Logger LOG = LoggerFactory.getLogger(TopicProvisioner.class);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private final Admin admin;
    private final Duration timeout;

    /**
     * @param admin the caller's; it is not closed here
     * @param timeout of each call to the cluster
     */
    public TopicProvisioner(Admin admin, Duration timeout) {
        this.admin = admin;
        this.timeout = timeout;
    }

    /**
     * What was done and found.
     *
     * @param created names of topics that were missing and exist now
     * @param differences in words, of topics that exist otherwise than declared
     */
    public record Report(List<String> created, List<String> differences) {
        public Report {
            created = List.copyOf(created);
            differences = List.copyOf(differences);
        }
    }

    /**
     * Creates or verifies every topic of the catalog; blocks for some calls to the cluster.
     *
     * @throws IncompatibleTopicException when a topic cannot serve, or is missing and may not be created
     * @throws TransientBrokerException when the cluster did not answer in time
     */
    public Report provision(TopicCatalog catalog) {
        Map<String, TopicDescription> existing = describe(catalog.all());
        List<TopicSpec> missing = catalog.all().stream()
                .filter(spec -> !existing.containsKey(spec.name()))
                .toList();
        if (!missing.isEmpty() && !catalog.createMissing()) {
            throw new IncompatibleTopicException(
                    missing.stream().map(TopicProvisioner::missing).toList());
        }
        List<TopicSpec> present = new ArrayList<>(catalog.all());
        present.removeAll(missing);
        List<String> differences = new ArrayList<>(verify(catalog, present, existing));
        List<TopicSpec> createdByOthers = create(missing);
        Map<String, TopicDescription> fresh = awaitVisible(missing);
        differences.addAll(verify(catalog, createdByOthers, fresh));
        List<String> created = missing.stream()
                .filter(spec -> !createdByOthers.contains(spec))
                .map(TopicSpec::name)
                .toList();
        return new Report(created, differences);
    }

    private static String missing(TopicSpec spec) {
        String config = spec.kafkaConfig().entrySet().stream()
                .map(entry -> " --config " + entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining());
        return "topic %s is missing and kinora.kafka.topics.create-missing is off; create it with kafka-topics.sh --create --topic %s --partitions %d%s"
                .formatted(spec.name(), spec.name(), spec.partitions(), config);
    }

    private Map<String, TopicDescription> describe(Collection<TopicSpec> specs) {
        Map<String, TopicDescription> found = new HashMap<>();
        admin.describeTopics(specs.stream().map(TopicSpec::name).toList())
                .topicNameValues()
                .forEach((name, description) -> {
                    try {
                        found.put(name, get(description, "describe topic " + name));
                    } catch (UnknownTopicOrPartitionException e) {
                        found.remove(name);
                    }
                });
        return found;
    }

    /** Those that another instance created in the meantime, perhaps from another declaration. */
    private List<TopicSpec> create(List<TopicSpec> missing) {
        Map<String, KafkaFuture<Void>> results = admin.createTopics(
                        missing.stream().map(TopicSpec::toNewTopic).toList())
                .values();
        List<TopicSpec> createdByOthers = new ArrayList<>();
        for (TopicSpec spec : missing) {
            try {
                get(results.get(spec.name()), "create topic " + spec.name());
            } catch (TopicExistsException e) {
                LOG.info("topic {} was created by another instance meanwhile", spec.name());
                createdByOthers.add(spec);
            }
        }
        return createdByOthers;
    }

    /** A created topic shows on each broker a little later; clients that start before that would wait much longer. */
    private Map<String, TopicDescription> awaitVisible(List<TopicSpec> specs) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            Map<String, TopicDescription> visible = describe(specs);
            if (visible.size() == specs.size()) {
                return visible;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new TransientBrokerException(
                        "created topics did not show within %s".formatted(timeout),
                        new UnknownTopicOrPartitionException());
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
    }

    private List<String> verify(
            TopicCatalog catalog, List<TopicSpec> present, Map<String, TopicDescription> descriptions) {
        List<ConfigResource> resources = present.stream()
                .map(spec -> new ConfigResource(ConfigResource.Type.TOPIC, spec.name()))
                .toList();
        Map<ConfigResource, Config> configs =
                get(admin.describeConfigs(resources).all(), "describe the configuration of topics");
        List<String> differences = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (TopicSpec spec : present) {
            Config config = configs.get(new ConfigResource(ConfigResource.Type.TOPIC, spec.name()));
            comparePartitions(spec, descriptions.get(spec.name()), catalog, differences, refused);
            compareConfig(spec, config, differences, refused);
        }
        if (!refused.isEmpty()) {
            throw new IncompatibleTopicException(refused);
        }
        return differences;
    }

    private static void comparePartitions(
            TopicSpec spec,
            TopicDescription actual,
            TopicCatalog catalog,
            List<String> differences,
            List<String> refused) {
        int found = actual.partitions().size();
        if (found != spec.partitions()) {
            // A dead letter goes to the partition it came from: it would wait for one that does not exist.
            boolean fatal = found < spec.partitions() && catalog.isDeadLetter(spec);
            (fatal ? refused : differences)
                    .add("topic %s has %d partitions, declared are %d"
                            .formatted(spec.name(), found, spec.partitions()));
        }
        int replication = actual.partitions().get(0).replicas().size();
        if (spec.replication() != -1 && replication != spec.replication()) {
            differences.add("topic %s has replication %d, declared is %d"
                    .formatted(spec.name(), replication, spec.replication()));
        }
    }

    private static void compareConfig(TopicSpec spec, Config actual, List<String> differences, List<String> refused) {
        spec.kafkaConfig().forEach((key, declared) -> {
            String found = actual.get(key) == null ? "nothing" : actual.get(key).value();
            if (!declared.equals(found)) {
                boolean fatal = key.equals(TopicConfig.CLEANUP_POLICY_CONFIG)
                        || (key.equals(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
                                && Long.parseLong(found) < spec.maxMessageBytes());
                (fatal ? refused : differences)
                        .add("topic %s has %s %s, declared is %s".formatted(spec.name(), key, found, declared));
            }
        });
    }

    private <T> T get(KafkaFuture<T> future, String what) {
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RetriableException retriable
                    && !(retriable instanceof UnknownTopicOrPartitionException)) {
                throw new TransientBrokerException("could not " + what + ": " + retriable.getMessage(), retriable);
            }
            throw e.getCause() instanceof KafkaException kafka
                    ? kafka
                    : new KafkaException("could not " + what, e.getCause());
        } catch (TimeoutException e) {
            throw new TransientBrokerException("could not %s within %s".formatted(what, timeout), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientBrokerException("interrupted while waiting to " + what, e);
        }
    }
}
