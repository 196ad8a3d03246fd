package io.kinora.video;

/** A request about video that could not be met; each subclass is one decision of the caller. */
public abstract sealed class VideoException extends RuntimeException
        permits UnreadableClipException,
                ClipLimitException,
                ForbiddenUrlException,
                ClipFetchException,
                VideoEncodeException {
    VideoException(String message) {
        super(message);
    }

    VideoException(String message, Throwable cause) {
        super(message, cause);
    }
}
