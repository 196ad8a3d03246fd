package io.kinora.service.http;

/** The HTTP server cannot start. */
public final class HttpUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    HttpUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
