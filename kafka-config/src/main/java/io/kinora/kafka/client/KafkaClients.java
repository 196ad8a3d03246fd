package io.kinora.kafka.client;

import akka.actor.ClassicActorSystemProvider;
import akka.kafka.ConsumerSettings;
import akka.kafka.ProducerSettings;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.topic.TopicProvisioner;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes every Kafka client of Kinora, plain and Alpakka's alike, from one set of settings: consumers read committed
 * records only and never commit by themselves, producers are idempotent and wait for all replicas, and all take records
 * as large as the largest declared topic's. Keys and values are bytes: decoding is the stream's business, where a bad
 * record does not stop it. Thread-safe; who asks for a client closes it.
 */
public final class KafkaClients {
    private static final int CONSUMER_FETCH_FACTOR = 4;
    private static final int DEFAULT_BUFFER = 32 * 1024 * 1024;
    private static final int BUFFER_FACTOR = 4;

    private final KafkaSettings settings;
    private final String bootstrapServers;

    /** @throws IllegalStateException when the settings do not say where the cluster is */
    public KafkaClients(KafkaSettings settings) {
        this.settings = settings;
        this.bootstrapServers = settings.bootstrapServers()
                .orElseThrow(() ->
                        new IllegalStateException("the embedded broker has not started: its address is not known"));
    }

    public KafkaSettings settings() {
        return settings;
    }

    /**
     * A plain consumer.
     *
     * @param role what it is for; part of its client id
     */
    public Consumer<byte[], byte[]> consumer(String role, Map<String, Object> overrides) {
        Map<String, Object> properties = consumerProperties(role);
        properties.putAll(overrides);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** A plain producer outside transactions. */
    public Producer<byte[], byte[]> producer(String role) {
        return new KafkaProducer<>(producerProperties(role), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A producer for transactions under this id; it is not initialised yet. */
    public Producer<byte[], byte[]> transactionalProducer(String transactionalId) {
        Map<String, Object> properties = producerProperties(transactionalId);
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, millis(settings.transactionTimeout()));
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * A client that looks after topics and groups.
     *
     * @throws IllegalArgumentException if Kafka's clients cannot use the settings, with the reason
     */
    public Admin admin() {
        try {
            return Admin.create(adminProperties());
        } catch (KafkaException e) {
            if (e.getCause() instanceof ConfigException wrong) {
                throw new IllegalArgumentException("broker %s: %s".formatted(bootstrapServers, wrong.getMessage()), e);
            }
            throw e;
        }
    }

    /**
     * Asks the cluster who it is.
     *
     * @throws TransientBrokerException if it has not said so in time
     */
    public void requireAnAnswer(Duration patience) {
        try (Admin admin = admin()) {
            admin.describeCluster(new DescribeClusterOptions().timeoutMs(millis(patience)))
                    .clusterId()
                    .get();
        } catch (ExecutionException e) {
            throw new TransientBrokerException(
                    "no broker answers at %s within %d s%s"
                            .formatted(
                                    bootstrapServers,
                                    patience.toSeconds(),
                                    e.getCause() instanceof TimeoutException
                                            ? ""
                                            : ", " + e.getCause().getMessage()),
                    e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientBrokerException("interrupted while %s was asked".formatted(bootstrapServers), e);
        }
    }

    /**
     * Creates the topics that are missing and verifies the others; blocks for some calls to the cluster.
     *
     * @throws io.kinora.kafka.topic.IncompatibleTopicException when a topic cannot serve, or is missing and may not be created
     * @throws io.kinora.kafka.TransientBrokerException when the cluster did not answer in time
     */
    public TopicProvisioner.Report provisionTopics() {
        try (Admin admin = admin()) {
            return new TopicProvisioner(admin, settings.requestTimeout()).provision(settings.topics());
        }
    }

    /**
     * Settings for Alpakka's consumer sources.
     *
     * @param role what it is for; part of its client id and, behind the configured prefix, the consumer group
     */
    public ConsumerSettings<byte[], byte[]> alpakkaConsumer(ClassicActorSystemProvider system, String role) {
        ConsumerSettings<byte[], byte[]> consumer = ConsumerSettings.create(
                        system, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .withProperties(strings(consumerProperties(role)))
                .withGroupId(groupId(role))
                .withStopTimeout(Duration.ZERO); // what is in progress is not committed by this consumer anyway
        // A broker in this process has no other members: after a kill, the next start takes its old place at once.
        return settings.embedded().isPresent() ? consumer.withGroupInstanceId(groupId(role)) : consumer;
    }

    /** Settings for Alpakka's producer sinks and flows. */
    public ProducerSettings<byte[], byte[]> alpakkaProducer(ClassicActorSystemProvider system, String role) {
        return ProducerSettings.create(system, new ByteArraySerializer(), new ByteArraySerializer())
                .withProperties(strings(producerProperties(role)));
    }

    /** The consumer group of a role. */
    public String groupId(String role) {
        return settings.groupId() + "-" + role;
    }

    /**
     * The transactional id of whoever works on one input partition: the same for each owner in turn, so that a new
     * owner fences the old one.
     */
    public String transactionalId(String role, String inputTopic, int partition) {
        return settings.groupId() + "-" + role + "-" + inputTopic + "-" + partition;
    }

    Map<String, Object> consumerProperties(String role) {
        Map<String, Object> properties = common(role);
        int largest = settings.topics().largestMessageBytes();
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, largest);
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, clamp((long) largest * CONSUMER_FETCH_FACTOR));
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.putAll(settings.properties().all());
        properties.putAll(settings.properties().consumer());
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        return properties;
    }

    Map<String, Object> producerProperties(String role) {
        Map<String, Object> properties = common(role);
        int largest = settings.topics().largestMessageBytes();
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, largest);
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(DEFAULT_BUFFER, (long) largest * BUFFER_FACTOR));
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis(settings.requestTimeout()));
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis(settings.deliveryTimeout()));
        properties.putAll(settings.properties().all());
        properties.putAll(settings.properties().producer());
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        return properties;
    }

    Map<String, Object> adminProperties() {
        Map<String, Object> properties = common("admin");
        properties.putAll(settings.properties().all());
        properties.putAll(settings.properties().admin());
        return properties;
    }

    private Map<String, Object> common(String role) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, settings.clientId() + "-" + role);
        properties.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, millis(settings.requestTimeout()));
        properties.put(AbstractConfig.CONFIG_PROVIDERS_CONFIG, "env,file,dir");
        properties.put("config.providers.env.class", EnvVarConfigProvider.class.getName());
        properties.put("config.providers.file.class", FileConfigProvider.class.getName());
        properties.put("config.providers.dir.class", DirectoryConfigProvider.class.getName());
        return properties;
    }

    private static Map<String, String> strings(Map<String, Object> properties) {
        Map<String, String> strings = new HashMap<>();
        properties.forEach((name, value) -> strings.put(name, value.toString()));
        return strings;
    }

    private static int millis(Duration duration) {
        return clamp(duration.toMillis());
    }

    private static int clamp(long value) {
        return (int) Math.min(Integer.MAX_VALUE, value);
    }
}
