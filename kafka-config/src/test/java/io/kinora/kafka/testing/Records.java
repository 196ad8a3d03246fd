package io.kinora.kafka.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Kafka records as a broker would hand them over. */
public final class Records {
    private Records() {}

    /** Headers from names and values in turn. */
    public static Headers headers(String... namesAndValues) {
        Headers headers = new RecordHeaders();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1].getBytes(UTF_8));
        }
        return headers;
    }

    public static ConsumerRecord<byte[], byte[]> received(String topic, String key, String value, Headers headers) {
        return received(
                topic, key == null ? null : key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8), headers);
    }

    public static ConsumerRecord<byte[], byte[]> received(String topic, byte[] key, byte[] value, Headers headers) {
        return new ConsumerRecord<>(
                topic,
                2,
                42,
                1_700_000_000_000L,
                TimestampType.CREATE_TIME,
                0,
                0,
                key,
                value,
                headers,
                Optional.empty());
    }

    /** What a producer sends, as a consumer gets it. */
    public static ConsumerRecord<byte[], byte[]> received(ProducerRecord<byte[], byte[]> sent) {
        return received(sent.topic(), sent.key(), sent.value(), sent.headers());
    }
}
