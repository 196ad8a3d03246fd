package io.kinora.kafka;

import java.util.Objects;

/**
 * A record whose headers or body cannot be read. Retrying never helps: the record goes to the dead-letter topic with
 * {@link #code()} and the message as its reason, and the stream goes on.
 */
public final class MalformedRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What was wrong, as a word a program can branch on; the message says the rest. */
    public enum Code {
        /** A CloudEvents attribute is missing, doubled, or not what the specification allows. */
        CLOUD_EVENT("malformed.cloud-event"),
        /** A header that is read has a value that is not UTF-8 or not of its type. */
        HEADER("malformed.header"),
        /** The content type is not one that the topic takes. */
        CONTENT_TYPE("malformed.content-type"),
        /** The body is not JSON, not UTF-8, or not a JSON object. */
        SYNTAX("malformed.syntax"),
        /** A field of the body is missing, of another type, or out of its range. */
        VALUE("malformed.value"),
        /** The record has no value where one is needed. */
        EMPTY("malformed.empty"),
        /** The body is larger than its topic's records may be. */
        TOO_LARGE("malformed.too-large");

        private final String wireName;

        Code(String wireName) {
            this.wireName = wireName;
        }

        /** The code as it stands in dead-letter headers and in logs, for example {@code malformed.value}. */
        public String wireName() {
            return wireName;
        }
    }

    private final Code code;

    public MalformedRecordException(Code code, String reason) {
        super(Objects.requireNonNull(reason));
        this.code = Objects.requireNonNull(code);
    }

    public MalformedRecordException(Code code, String reason, Throwable cause) {
        super(Objects.requireNonNull(reason), cause);
        this.code = Objects.requireNonNull(code);
    }

    public Code code() {
        return code;
    }
}
