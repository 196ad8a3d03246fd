package io.kinora.actors.pipeline;

import io.kinora.kafka.transaction.Transaction;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What is done with each record of an input topic. */
interface RecordWork {
    /**
     * Works on a record, for as long as it takes, outside any transaction. Called in the order of the partition, without waiting for earlier
     * records.
     *
     * @return what came of it; a failed stage stops the pipeline, which begins again from the last committed offset
     */
    CompletionStage<Result> done(ConsumerRecord<byte[], byte[]> record);

    /** What came of a record. */
    @FunctionalInterface
    interface Result {
        /**
         * What is to become visible together with the record's offset. Asked for when it is the record's turn to be committed, and again each time that is
         * tried again: what is not wanted any more by then is left out.
         */
        CompletionStage<Transaction> now();

        /** The same whenever it is asked for. */
        static Result of(Transaction transaction) {
            return () -> CompletableFuture.completedStage(transaction);
        }
    }
}
