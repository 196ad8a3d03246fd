package io.kinora.kafka.follow;

import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads once what topics hold, from their beginning or from some time to what was written when the call began. Committed records only; it waits until
 * what was in open transactions then is decided. Blocks. Stateless.
 */
public final class TopicScan {
    private static final Duration POLL = Duration.ofMillis(200);

    /** Without a record for so long it is given up; a scan that goes on may take as long as it takes. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private TopicScan() {}

    /**
     * Hands over every committed record, of each partition in its order.
     *
     * @param role what the scan is for; part of its client id
     * @param from the oldest time of a record, as its topic has it; empty for all that is retained
     * @throws TransientBrokerException if the topics could not be read to their ends, or one does not exist
     */
    public static void read(
            KafkaClients clients,
            String role,
            Collection<String> topics,
            Optional<Instant> from,
            java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> each) {
        try (Consumer<byte[], byte[]> consumer = clients.consumer(role, Map.of())) {
            List<TopicPartition> partitions = new ArrayList<>();
            topics.forEach(topic -> partitions.addAll(partitions(consumer, topic)));
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = written(clients, role, partitions);
            consumer.seekToBeginning(partitions);
            from.ifPresent(time -> seek(consumer, partitions, time));
            long heard = System.nanoTime();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                boolean any = false;
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                    if (record.offset() < ends.get(partition)) {
                        each.accept(record);
                    }
                    any = true;
                }
                heard = any ? System.nanoTime() : heard;
                if (System.nanoTime() - heard > PATIENCE.toNanos()) {
                    throw new TransientBrokerException(
                            "%s could not be read to the end: nothing came for %d s"
                                    .formatted(topics, PATIENCE.toSeconds()),
                            new KafkaException("timed out"));
                }
            }
        } catch (KafkaException e) {
            throw new TransientBrokerException("%s cannot be read: %s".formatted(topics, e.getMessage()), e);
        }
    }

    private static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
        List<PartitionInfo> found = consumer.partitionsFor(topic);
        if (found == null || found.isEmpty()) {
            throw new TransientBrokerException(
                    "topic %s does not exist".formatted(topic), new KafkaException("no partition"));
        }
        return found.stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }

    /** The ends of all that is written: those of what is committed lie before the marks of commits that are just being made. */
    private static Map<TopicPartition, Long> written(
            KafkaClients clients, String role, List<TopicPartition> partitions) {
        Map<String, Object> uncommitted = Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        try (Consumer<byte[], byte[]> consumer = clients.consumer(role, uncommitted)) {
            return consumer.endOffsets(partitions);
        }
    }

    private static void seek(Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions, Instant from) {
        Map<TopicPartition, Long> times = partitions.stream()
                .collect(Collectors.toMap(partition -> partition, partition -> Math.max(0, from.toEpochMilli())));
        Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
        for (TopicPartition partition : partitions) {
            OffsetAndTimestamp first = found.get(partition);
            if (first == null) {
                consumer.seekToEnd(List.of(partition));
            } else {
                consumer.seek(partition, first.offset());
            }
        }
    }
}
