package io.kinora.actors.pipeline;

import akka.Done;
import akka.NotUsed;
import akka.japi.function.Function;
import akka.stream.javadsl.Source;
import io.kinora.kafka.TransientBrokerException;
import io.kinora.kafka.transaction.FencedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The records of a partition in the order of their offsets, each once, and what is to become of their stream when its writer is fenced. */
final class PartitionRecords {
    // A consumer that was put out of its group learns it from its next heartbeat, every three seconds by default.
    private static final Duration HANDED_OVER = Duration.ofSeconds(5);

    private final Source<ConsumerRecord<byte[], byte[]>, NotUsed> inOrder;
    private final CompletableFuture<Done> ended = new CompletableFuture<>();

    /**
     * Of a stream that the group's consumer gives, and ends when the partition is no longer its own.
     *
     * @param from the first offset that is wanted
     */
    PartitionRecords(Source<ConsumerRecord<byte[], byte[]>, NotUsed> stream, long from) {
        this.inOrder = stream.watchTermination((nothing, end) -> {
                    end.whenComplete((done, failure) -> ended.complete(Done.getInstance()));
                    return nothing;
                })
                .statefulMapConcat(() -> new Once(from));
    }

    /**
     * Without those that the stream gives again. When a group's partitions are dealt anew, those that stay with their owner keep their streams, with what
     * these have fetched already; but the consumer goes on from the offset that was committed at that moment, so all that lay between comes a second time.
     */
    Source<ConsumerRecord<byte[], byte[]>, NotUsed> inOrder() {
        return inOrder;
    }

    /**
     * Fails with the fence when the partition has been taken from the consumer. If it is not, whoever fenced this writer took itself for the owner for a
     * moment, after a pause for example, and nobody else will do what was read and is not committed: fails so that the consumer begins anew. Until then the
     * stream must not be cancelled: it would be opened again behind what it has given.
     */
    CompletionStage<Done> fenced(FencedException fence) {
        return ended.copy()
                .orTimeout(HANDED_OVER.toMillis(), TimeUnit.MILLISECONDS)
                .handle((done, kept) -> {
                    throw new CompletionException(
                            kept == null
                                    ? fence
                                    : new TransientBrokerException(
                                            "a writer that was fenced kept its partition", fence));
                });
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
