package io.kinora.kafka.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kinora.kafka.client.KafkaClients;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads all that was written to a topic before the call and is not aborted, as a {@code read_committed} reader is shown
 * it: a commit's marks reach the partitions a moment after the commit returns, and this waits for them.
 */
public final class TopicReader {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final KafkaClients clients;

    public TopicReader(KafkaClients clients) {
        this.clients = clients;
    }

    /** Every record of this key, in order. */
    public List<ConsumerRecord<byte[], byte[]>> records(String topic, String key) {
        return all(topic).stream()
                .filter(next -> next.key() != null && new String(next.key(), UTF_8).equals(key))
                .toList();
    }

    /** The values of {@link #records} as text. */
    public List<String> values(String topic, String key) {
        return records(topic, key).stream()
                .map(next -> new String(next.value(), UTF_8))
                .toList();
    }

    /** Every record, partition by partition. */
    public List<ConsumerRecord<byte[], byte[]>> all(String topic) {
        try (Consumer<byte[], byte[]> consumer = clients.consumer("test-reader", Map.of())) {
            List<TopicPartition> partitions = fromTheBeginning(consumer, topic);
            Map<TopicPartition, Long> end = written(partitions);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            Instant deadline = Instant.now().plus(TIMEOUT);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < end.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                if (Instant.now().isAfter(deadline)) {
                    throw new AssertionError("%s shows no more than %s".formatted(topic, records));
                }
            }
            return records;
        }
    }

    /** Every record, once there are so many; those that there are when the patience ends. */
    public List<ConsumerRecord<byte[], byte[]>> awaited(String topic, int count, Duration patience) {
        try (Consumer<byte[], byte[]> consumer = clients.consumer("test-waiting", Map.of())) {
            fromTheBeginning(consumer, topic);
            long end = System.nanoTime() + patience.toNanos();
            for (int seen = 0; seen < count && System.nanoTime() < end; ) {
                seen += consumer.poll(Duration.ofMillis(100)).count();
            }
        }
        return all(topic);
    }

    private static List<TopicPartition> fromTheBeginning(Consumer<?, ?> consumer, String topic) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return partitions;
    }

    private Map<TopicPartition, Long> written(List<TopicPartition> partitions) {
        Map<String, Object> uncommitted = Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        try (Consumer<byte[], byte[]> consumer = clients.consumer("test-end", uncommitted)) {
            return consumer.endOffsets(partitions);
        }
    }
}
