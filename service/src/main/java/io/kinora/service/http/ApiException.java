package io.kinora.service.http;

import java.time.Duration;
import java.util.Optional;

/** A request that gets an error instead of a result, in the words of OpenAI's API. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Errors as clients tell them apart: a status, and the {@code type} of the error object. */
    enum Kind {
        INVALID(400, "invalid_request_error"),
        UNAUTHENTICATED(401, "authentication_error"),
        FORBIDDEN(403, "permission_error"),
        NOT_FOUND(404, "invalid_request_error"),
        METHOD_NOT_ALLOWED(405, "invalid_request_error"),
        TOO_LARGE(413, "invalid_request_error"),
        UNSUPPORTED_MEDIA_TYPE(415, "invalid_request_error"),
        UNPROCESSABLE(422, "invalid_request_error"),
        RATE_LIMITED(429, "rate_limit_error"),
        INTERNAL(500, "server_error"),
        OVERLOADED(503, "server_error");

        private final int status;
        private final String type;

        Kind(int status, String type) {
            this.status = status;
            this.type = type;
        }

        int status() {
            return status;
        }

        String type() {
            return type;
        }
    }

    private final Kind kind;
    private final Optional<String> code;
    private final Optional<String> param;
    private final Optional<Duration> retryAfter;

    private ApiException(
            Kind kind, String message, Optional<String> code, Optional<String> param, Optional<Duration> retryAfter) {
        super(message);
        this.kind = kind;
        this.code = code;
        this.param = param;
        this.retryAfter = retryAfter;
    }

    /** An error with a word that programs branch on. */
    static ApiException of(Kind kind, String code, String message) {
        return new ApiException(kind, message, Optional.of(code), Optional.empty(), Optional.empty());
    }

    /** A field of the request that cannot be used. */
    static ApiException invalid(String param, String message) {
        return new ApiException(
                Kind.INVALID, message, Optional.of("invalid_value"), Optional.of(param), Optional.empty());
    }

    /** This error, about a field of the request. */
    ApiException about(String field) {
        return new ApiException(kind, message(), code, Optional.of(field), retryAfter);
    }

    /** This error, which is worth another try after a while. */
    ApiException retryAfter(Duration wait) {
        return new ApiException(kind, message(), code, param, Optional.of(wait));
    }

    Kind kind() {
        return kind;
    }

    /** Never null, unlike {@link #getMessage()}. */
    String message() {
        return String.valueOf(getMessage());
    }

    Optional<String> code() {
        return code;
    }

    Optional<String> param() {
        return param;
    }

    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
