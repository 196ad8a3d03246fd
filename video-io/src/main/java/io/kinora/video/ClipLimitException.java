package io.kinora.video;

/** A clip, image or sound larger than {@link DecodeLimits} or {@link AudioLimits} allow. The message names the limit, the value and what is allowed. Never retry. */
public final class ClipLimitException extends VideoException {
    private final String limit;

    ClipLimitException(String limit, String message) {
        super("%s (limit %s)".formatted(message, limit));
        this.limit = limit;
    }

    /** Name of the limit, as the component of the limits is called. */
    public String limit() {
        return limit;
    }
}
