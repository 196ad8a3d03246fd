package io.kinora.video;

/** A URL that {@link FetchPolicy} does not allow: its scheme, its address, or a redirect. Nothing was sent there. Never retry. */
public final class ForbiddenUrlException extends VideoException {
    ForbiddenUrlException(String message) {
        super(message);
    }
}
