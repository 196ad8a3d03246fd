package io.kinora.kafka.headers;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.record.ClipReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A dead letter as an operator reads it.
 *
 * @param origin where the record lay that could not be processed
 * @param letter why
 */
public record DeadLetterReport(ClipReference origin, DeadLetter letter) {

    /**
     * Reads the headers of a record of a dead-letter topic.
     *
     * @throws MalformedRecordException when the record is no dead letter
     */
    public static DeadLetterReport of(ConsumerRecord<byte[], byte[]> dead) {
        return new DeadLetterReport(DeadLetterHeaders.origin(dead.headers()), DeadLetterHeaders.letter(dead.headers()));
    }
}
