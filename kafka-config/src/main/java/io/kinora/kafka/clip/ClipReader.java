package io.kinora.kafka.clip;

import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.clip.ClipGoneException.Reason;
import io.kinora.kafka.record.ClipReference;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Fetches the one record that a reference names, out of the topics that it is allowed to read. Blocks: run it on a
 * dispatcher of its own. Thread-safe; calls go one after the other.
 */
public final class ClipReader implements AutoCloseable {
    private final Consumer<byte[], byte[]> consumer;
    private final Set<String> topics;
    private final Clock clock;

    /**
     * @param topics the only ones read: references come from outside, and other topics are not theirs to read
     */
    public ClipReader(KafkaClients clients, Set<String> topics, Clock clock) {
        this.topics = Set.copyOf(topics);
        this.clock = clock;
        // One record is wanted: the broker always sends one whole batch, however small the limit. It is there already,
        // so
        // the broker need not wait for more: the consumer asks ahead for what comes next, and until the answer to that
        // it could not ask for another record.
        this.consumer = clients.consumer(
                "clip-reader",
                Map.of(
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1,
                        ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 1,
                        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 5,
                        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"));
    }

    /**
     * The record at this place.
     *
     * @param timeout of the whole call
     * @throws ClipGoneException when there is none
     * @throws TransientBrokerException when the cluster did not answer in time
     */
    public synchronized ConsumerRecord<byte[], byte[]> read(ClipReference reference, Duration timeout) {
        if (!topics.contains(reference.topic())) {
            throw new ClipGoneException(reference, Reason.FORBIDDEN, "clips are read from %s only".formatted(topics));
        }
        Instant deadline = clock.instant().plus(timeout);
        try {
            TopicPartition partition = new TopicPartition(reference.topic(), reference.partition());
            requirePartition(reference, partition, timeout);
            long end = requireRetained(reference, partition, timeout);
            consumer.assign(List.of(partition));
            consumer.seek(partition, reference.offset());
            return poll(reference, partition, end, deadline);
        } catch (RetriableException e) {
            throw new TransientBrokerException("%s cannot be read now: %s".formatted(reference, e.getMessage()), e);
        } finally {
            // Nothing more is fetched ahead.
            consumer.unsubscribe();
        }
    }

    private void requirePartition(ClipReference reference, TopicPartition partition, Duration timeout) {
        List<PartitionInfo> partitions = consumer.partitionsFor(partition.topic(), timeout);
        if (partitions == null || partitions.stream().noneMatch(info -> info.partition() == partition.partition())) {
            throw new ClipGoneException(
                    reference,
                    Reason.NO_PARTITION,
                    "the topic has %d partitions".formatted(partitions == null ? 0 : partitions.size()));
        }
    }

    private long requireRetained(ClipReference reference, TopicPartition partition, Duration timeout) {
        long first = consumer.beginningOffsets(List.of(partition), timeout).get(partition);
        long end = consumer.endOffsets(List.of(partition), timeout).get(partition);
        if (reference.offset() < first) {
            throw new ClipGoneException(
                    reference, Reason.EXPIRED, "retention removed it, the oldest offset is %d".formatted(first));
        }
        if (reference.offset() >= end) {
            throw new ClipGoneException(
                    reference, Reason.NOT_WRITTEN, "the partition ends before offset %d".formatted(end));
        }
        return end;
    }

    private ConsumerRecord<byte[], byte[]> poll(
            ClipReference reference, TopicPartition partition, long end, Instant deadline) {
        while (true) {
            Duration left = Duration.between(clock.instant(), deadline);
            if (left.isNegative() || left.isZero()) {
                throw new TransientBrokerException(
                        "%s did not arrive in time".formatted(reference),
                        new KafkaException("no record within the time allowed"));
            }
            Optional<ConsumerRecord<byte[], byte[]>> first =
                    consumer.poll(left).records(partition).stream().findFirst();
            boolean found = first.isPresent() && first.get().offset() == reference.offset();
            if (found) {
                return first.get();
            }
            boolean past = first.isPresent() || consumer.position(partition) >= end;
            if (past) {
                throw new ClipGoneException(reference, Reason.NO_RECORD, "the place holds no record to be read");
            }
        }
    }

    @Override
    public synchronized void close() {
        consumer.close();
    }
}
