package io.kinora.kafka.clip;

import io.kinora.kafka.record.ClipReference;
import java.util.Objects;

/** A reference names a record that is not there: retention removed it, or it never was. Trying again does not help. */
public final class ClipGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why it is not there. */
    public enum Reason {
        /** The topic no longer retains it. */
        EXPIRED("clip.expired"),
        /** The topic has not come so far. */
        NOT_WRITTEN("clip.not-written"),
        /** The place holds no record: an aborted one, a transaction's mark, or one that compaction removed. */
        NO_RECORD("clip.no-record"),
        /** There is no such topic or partition. */
        NO_PARTITION("clip.no-partition"),
        /** The topic is none that clips are read from. */
        FORBIDDEN("clip.forbidden-topic");

        private final String wireName;

        Reason(String wireName) {
            this.wireName = wireName;
        }

        /** As in error codes, for example {@code clip.expired}. */
        public String wireName() {
            return wireName;
        }
    }

    private final ClipReference reference;
    private final Reason reason;

    ClipGoneException(ClipReference reference, Reason reason, String detail) {
        super("%s: %s".formatted(reference, detail));
        this.reference = Objects.requireNonNull(reference);
        this.reason = Objects.requireNonNull(reason);
    }

    public ClipReference reference() {
        return reference;
    }

    public Reason reason() {
        return reason;
    }
}
