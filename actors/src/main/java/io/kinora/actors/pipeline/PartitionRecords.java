package io.kinora.actors.pipeline;

import akka.NotUsed;
import akka.japi.function.Function;
import akka.stream.javadsl.Source;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The records of a partition in the order of their offsets, each once. */
final class PartitionRecords {
    private PartitionRecords() {}

    /**
     * Without those that a stream gives again. When a group's partitions are dealt anew, those that stay with their owner keep their streams, with what
     * these have fetched already; but the consumer goes on from the offset that was committed at that moment, so all that lay between comes a second time.
     *
     * @param from the first offset that is wanted
     */
    static Source<ConsumerRecord<byte[], byte[]>, NotUsed> once(
            Source<ConsumerRecord<byte[], byte[]>, NotUsed> records, long from) {
        return records.statefulMapConcat(() -> new Once(from));
    }

    private static final class Once
            implements Function<ConsumerRecord<byte[], byte[]>, Iterable<ConsumerRecord<byte[], byte[]>>> {
        private static final long serialVersionUID = 1;

        private long next;

        Once(long from) {
            this.next = from;
        }

        @Override
        public Iterable<ConsumerRecord<byte[], byte[]>> apply(ConsumerRecord<byte[], byte[]> record) {
            if (record.offset() < next) {
                return List.of();
            }
            next = record.offset() + 1;
            return List.of(record);
        }
    }
}
