package io.kinora.actors.pipeline;

import io.kinora.kafka.transaction.Transaction;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What is done with each record of an input topic. */
interface RecordWork {
    /**
     * Works on a record, for as long as it takes, outside any transaction. Called in the order of the partition, without waiting for earlier
     * records.
     *
     * @return what is to become visible together with the record's offset; a failed stage stops the pipeline, which begins again from the last
     *     committed offset
     */
    CompletionStage<Transaction> done(ConsumerRecord<byte[], byte[]> record);
}
