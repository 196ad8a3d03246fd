package io.kinora.kafka.record;

import java.time.Duration;

/** Checks shared by the constructors of the wire records; each message names the field, what it got and what is allowed. */
final class Checks {
    /** Ids become keys, header values and file names' neighbours: long enough for any, short enough to print. */
    static final int MAX_ID_LENGTH = 256;

    private Checks() {}

    static void range(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("%s is %d, allowed are %d to %d".formatted(field, value, min, max));
        }
    }

    static void range(String field, double value, double min, double max) {
        if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException("%s is %s, allowed are %s to %s".formatted(field, value, min, max));
        }
    }

    static void positive(String field, double value, double max) {
        if (!(value > 0 && value <= max)) {
            throw new IllegalArgumentException(
                    "%s is %s, allowed is more than 0 and at most %s".formatted(field, value, max));
        }
    }

    static void time(String field, Duration value, Duration longest) {
        if (value.isNegative() || value.compareTo(longest) > 0) {
            throw new IllegalArgumentException(
                    "%s is %s s, allowed are 0 to %d s".formatted(field, value.toNanos() / 1e9, longest.toSeconds()));
        }
    }

    static void notNegative(String field, long value) {
        if (value < 0) {
            throw new IllegalArgumentException("%s is %d, must not be negative".formatted(field, value));
        }
    }

    static void text(String field, String value, int maxLength) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("%s is blank".formatted(field));
        }
        if (value.length() > maxLength) {
            throw new IllegalArgumentException(
                    "%s has %d characters, allowed are at most %d".formatted(field, value.length(), maxLength));
        }
    }

    static void id(String field, String value) {
        text(field, value, MAX_ID_LENGTH);
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("%s holds a control character".formatted(field));
        }
    }

    static void sha256(String field, String value) {
        boolean hex =
                value.length() == 64 && value.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        if (!hex) {
            throw new IllegalArgumentException(
                    "%s is \"%s\", expected 64 lower-case hexadecimal digits".formatted(field, value));
        }
    }
}
