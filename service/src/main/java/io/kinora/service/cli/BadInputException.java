package io.kinora.service.cli;

/** What was given cannot be used; the message says why and what is allowed. */
final class BadInputException extends RuntimeException {
    BadInputException(String message) {
        super(message);
    }
}
