package io.kinora.kafka.transaction;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What one transaction makes visible at once.
 *
 * @param records results: answers, dead letters, states
 * @param following records that need to know where {@code records} came to lie, in their order: a job's state that
 *     names the clip
 * @param consumed what was consumed to make them; empty when nothing was
 */
public record Transaction(
        List<ProducerRecord<byte[], byte[]>> records,
        Function<List<RecordMetadata>, List<ProducerRecord<byte[], byte[]>>> following,
        Optional<Consumed> consumed) {

    /**
     * Input that is done with.
     *
     * @param group the consumer group that read it; a generation in it, if there is one, is checked by the cluster
     * @param next for each input partition the offset to go on from: that of the last record plus one
     */
    public record Consumed(ConsumerGroupMetadata group, Map<TopicPartition, OffsetAndMetadata> next) {
        public Consumed {
            Objects.requireNonNull(group);
            next = Map.copyOf(next);
            if (next.isEmpty()) {
                throw new IllegalArgumentException("no partition was consumed");
            }
        }

        /** One record of one partition, read by a group whose generation is not known. */
        public static Consumed upTo(String groupId, TopicPartition partition, long offset) {
            return new Consumed(
                    new ConsumerGroupMetadata(groupId), Map.of(partition, new OffsetAndMetadata(offset + 1)));
        }
    }

    public Transaction {
        records = List.copyOf(records);
        Objects.requireNonNull(following);
        Objects.requireNonNull(consumed);
    }

    public static Transaction of(List<ProducerRecord<byte[], byte[]>> records) {
        return new Transaction(records, places -> List.of(), Optional.empty());
    }

    public Transaction consuming(Consumed input) {
        return new Transaction(records, following, Optional.of(input));
    }

    public Transaction followedBy(Function<List<RecordMetadata>, List<ProducerRecord<byte[], byte[]>>> next) {
        return new Transaction(records, next, consumed);
    }
}
