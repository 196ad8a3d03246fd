package io.kinora.kafka.client;

import com.typesafe.config.Config;
import io.kinora.kafka.FlatProperties;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * Properties of kafka-clients as an operator sets them, by Kafka's names. Printing them hides every value that Kafka
 * itself holds to be a password, and every value of a name that Kafka does not know.
 *
 * @param all for every client
 * @param consumer for consumers, over {@code all}
 * @param producer for producers, over {@code all}
 * @param admin for admin clients, over {@code all}
 */
public record ClientProperties(
        Map<String, String> all,
        Map<String, String> consumer,
        Map<String, String> producer,
        Map<String, String> admin) {
    public static final ClientProperties NONE = new ClientProperties(Map.of(), Map.of(), Map.of(), Map.of());

    private static final String HIDDEN = "[hidden]";
    /** Kinora's promises rest on these; {@code kinora.kafka} sets them. */
    private static final Set<String> OURS = Set.of(
            "bootstrap.servers",
            "group.id",
            "client.id",
            "enable.auto.commit",
            "isolation.level",
            "enable.idempotence",
            "acks",
            "transactional.id",
            "transaction.timeout.ms",
            "key.serializer",
            "value.serializer",
            "key.deserializer",
            "value.deserializer");

    private static final List<ConfigDef> KNOWN =
            List.of(ConsumerConfig.configDef(), ProducerConfig.configDef(), AdminClientConfig.configDef());

    public ClientProperties {
        all = checked("kinora.kafka.properties", all);
        consumer = checked("kinora.kafka.consumer.properties", consumer);
        producer = checked("kinora.kafka.producer.properties", producer);
        admin = checked("kinora.kafka.admin.properties", admin);
    }

    private static Map<String, String> checked(String where, Map<String, String> properties) {
        for (String name : properties.keySet()) {
            if (OURS.contains(name)) {
                throw new IllegalArgumentException(
                        "%s sets %s, which is not free: it follows from kinora.kafka".formatted(where, name));
            }
        }
        return Map.copyOf(properties);
    }

    static ClientProperties from(Config kafka) {
        return new ClientProperties(
                FlatProperties.of(kafka.getConfig("properties")),
                FlatProperties.of(kafka.getConfig("consumer.properties")),
                FlatProperties.of(kafka.getConfig("producer.properties")),
                FlatProperties.of(kafka.getConfig("admin.properties")));
    }

    @Override
    public String toString() {
        return "ClientProperties[all=%s, consumer=%s, producer=%s, admin=%s]"
                .formatted(printable(all), printable(consumer), printable(producer), printable(admin));
    }

    private static String printable(Map<String, String> properties) {
        return new TreeMap<>(properties)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + (isHarmless(entry.getKey()) ? entry.getValue() : HIDDEN))
                        .collect(Collectors.joining(", ", "{", "}"));
    }

    private static boolean isHarmless(String name) {
        return KNOWN.stream()
                .map(def -> def.configKeys().get(name))
                .anyMatch(key -> key != null && key.type != ConfigDef.Type.PASSWORD);
    }
}
