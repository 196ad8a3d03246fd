package io.kinora.kafka.claim;

import java.util.Objects;

/** A claim check cannot be honoured, and trying again would not help. (A store that fails for now throws an {@link
 * java.io.UncheckedIOException}.) */
public final class ClaimCheckException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What stands in the way. */
    public enum Reason {
        /** The store no longer has the bytes. */
        GONE("claim.gone"),
        /** The bytes are not those that were deposited: size or hash differ. */
        CORRUPT("claim.corrupt"),
        /** The claim names another store. */
        FOREIGN("claim.foreign"),
        /** More bytes than the store takes. */
        TOO_LARGE("claim.too-large");

        private final String wireName;

        Reason(String wireName) {
            this.wireName = wireName;
        }

        /** As in error codes, for example {@code claim.gone}. */
        public String wireName() {
            return wireName;
        }
    }

    private final Reason reason;

    ClaimCheckException(Reason reason, String message) {
        super(message);
        this.reason = Objects.requireNonNull(reason);
    }

    public Reason reason() {
        return reason;
    }
}
