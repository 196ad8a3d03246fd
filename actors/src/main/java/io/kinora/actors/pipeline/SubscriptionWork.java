package io.kinora.actors.pipeline;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.headers.DeadLetter;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.transaction.Transaction;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends what is no standing question to the dead-letter topic; those that are one are read by the table of subscriptions. */
final class SubscriptionWork implements RecordWork {
    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionWork.class);

    private final RecordDecoder decoder;
    private final RecordEncoder encoder;

    SubscriptionWork(RecordDecoder decoder, RecordEncoder encoder) {
        this.decoder = decoder;
        this.encoder = encoder;
    }

    @Override
    public CompletionStage<Result> done(ConsumerRecord<byte[], byte[]> record) {
        return CompletableFuture.completedStage(Result.of(read(record)));
    }

    private Transaction read(ConsumerRecord<byte[], byte[]> record) {
        try {
            decoder.subscription(record)
                    .ifPresentOrElse(
                            event -> LOG.info(
                                    "subscription {} stands", event.body().id()),
                            () -> LOG.info("a subscription was deleted"));
            return Transaction.of(List.of());
        } catch (MalformedRecordException e) {
            return Transaction.of(List.of(encoder.deadLetter(record, DeadLetter.of(e, "subscription"))));
        }
    }
}
