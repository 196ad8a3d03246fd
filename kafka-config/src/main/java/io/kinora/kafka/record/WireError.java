package io.kinora.kafka.record;

/**
 * Why there is no result.
 *
 * @param code a word a program can branch on, for example {@code clip.gone}
 * @param message for people: what, where, got, allowed
 */
public record WireError(String code, String message) {
    public WireError {
        Checks.id("error.code", code);
        Checks.text("error.message", message, 4_096);
    }
}
