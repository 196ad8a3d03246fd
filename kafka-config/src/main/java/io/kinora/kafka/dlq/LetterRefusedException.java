package io.kinora.kafka.dlq;

/** Something that cannot be done with a dead letter, now or later: it is decided, forged, or has come back too often. */
public final class LetterRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LetterRefusedException(String message) {
        super(message);
    }
}
