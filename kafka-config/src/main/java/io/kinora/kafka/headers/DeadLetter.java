package io.kinora.kafka.headers;

import io.kinora.kafka.MalformedRecordException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;

/**
 * Why a record could not be processed; it becomes headers beside the record's own, which stay untouched.
 *
 * @param code a word a program can branch on, for example {@code malformed.value}
 * @param stage what was being done, for example {@code decode}
 * @param exceptionClass of the failure
 * @param message for people
 * @param stacktrace of the failure, cut to {@value #MAX_STACKTRACE} characters
 * @param attempt which attempt failed for good, from 1
 */
public record DeadLetter(
        String code, String stage, String exceptionClass, String message, String stacktrace, int attempt) {
    private static final int MAX_MESSAGE = 4_096;
    private static final int MAX_STACKTRACE = 16_384;

    public DeadLetter {
        Objects.requireNonNull(code);
        Objects.requireNonNull(stage);
        Objects.requireNonNull(exceptionClass);
        message = cut(message, MAX_MESSAGE);
        stacktrace = cut(stacktrace, MAX_STACKTRACE);
        if (attempt < 1) {
            throw new IllegalArgumentException("attempt is %d, must be from 1".formatted(attempt));
        }
    }

    /** Of a record that cannot be read: no attempt would help. */
    public static DeadLetter of(MalformedRecordException failure, String stage) {
        return of(failure.code().wireName(), failure, stage, 1);
    }

    /** Of any failure. */
    public static DeadLetter of(String code, Throwable failure, String stage, int attempt) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return new DeadLetter(code, stage, failure.getClass().getName(), message, trace.toString(), attempt);
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }
}
