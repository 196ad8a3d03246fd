package io.kinora.kafka.headers;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import io.kinora.kafka.record.ClipReference;
import java.util.List;
import org.apache.kafka.common.header.Headers;

/** Kafka Connect's dead-letter headers ({@code __connect.errors.*}, all text), and Kinora's code and attempt. */
final class DeadLetterHeaders {
    static final String CODE = "kinora-error-code";
    static final String ATTEMPT = "kinora-attempt";
    private static final String PREFIX = "__connect.errors.";
    private static final String TOPIC = PREFIX + "topic";
    private static final String PARTITION = PREFIX + "partition";
    private static final String OFFSET = PREFIX + "offset";
    private static final String CONNECTOR = PREFIX + "connector.name";
    private static final String TASK = PREFIX + "task.id";
    private static final String STAGE = PREFIX + "stage";
    private static final String CLASS = PREFIX + "class.name";
    private static final String EXCEPTION = PREFIX + "exception.class.name";
    private static final String MESSAGE = PREFIX + "exception.message";
    private static final String STACKTRACE = PREFIX + "exception.stacktrace";
    private static final String CONNECTOR_NAME = "kinora";
    private static final List<String> ALL = List.of(
            CODE, ATTEMPT, TOPIC, PARTITION, OFFSET, CONNECTOR, TASK, STAGE, CLASS, EXCEPTION, MESSAGE, STACKTRACE);

    private DeadLetterHeaders() {}

    static void write(ClipReference origin, DeadLetter letter, Headers headers) {
        put(headers, TOPIC, origin.topic());
        put(headers, PARTITION, Integer.toString(origin.partition()));
        put(headers, OFFSET, Long.toString(origin.offset()));
        put(headers, CONNECTOR, CONNECTOR_NAME);
        put(headers, TASK, Integer.toString(origin.partition()));
        put(headers, STAGE, letter.stage());
        put(headers, CLASS, RecordDecoder.class.getName());
        put(headers, EXCEPTION, letter.exceptionClass());
        put(headers, MESSAGE, letter.message());
        put(headers, STACKTRACE, letter.stacktrace());
        put(headers, CODE, letter.code());
        put(headers, ATTEMPT, Integer.toString(letter.attempt()));
    }

    static void remove(Headers headers) {
        ALL.forEach(headers::remove);
    }

    static ClipReference origin(Headers headers) {
        try {
            return new ClipReference(
                    text(headers, TOPIC),
                    Integer.parseInt(text(headers, PARTITION)),
                    Long.parseLong(text(headers, OFFSET)));
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException(Code.HEADER, "dead letter: " + e.getMessage(), e);
        }
    }

    static DeadLetter letter(Headers headers) {
        try {
            return new DeadLetter(
                    text(headers, CODE),
                    text(headers, STAGE),
                    text(headers, EXCEPTION),
                    text(headers, MESSAGE),
                    text(headers, STACKTRACE),
                    Integer.parseInt(text(headers, ATTEMPT)));
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException(Code.HEADER, "dead letter: " + e.getMessage(), e);
        }
    }

    private static String text(Headers headers, String name) {
        return HeaderText.last(headers, name)
                .orElseThrow(() ->
                        new MalformedRecordException(Code.HEADER, "dead letter: header %s is missing".formatted(name)));
    }

    private static void put(Headers headers, String name, String value) {
        headers.add(name, HeaderText.bytes(value));
    }
}
