package io.kinora.video;

/** A clip or image larger than {@link DecodeLimits} allow. The message names the limit, the value and what is allowed. Never retry. */
public final class ClipLimitException extends VideoException {
    private final String limit;

    ClipLimitException(String limit, String message) {
        super("%s (limit %s)".formatted(message, limit));
        this.limit = limit;
    }

    /** Name of the limit, as the component of {@link DecodeLimits} is called. */
    public String limit() {
        return limit;
    }
}
