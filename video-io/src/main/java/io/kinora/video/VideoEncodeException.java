package io.kinora.video;

/** Frames or samples that could not be encoded or written: no encoder on this machine, or a file that cannot be written. */
public final class VideoEncodeException extends VideoException {
    VideoEncodeException(String message) {
        super(message);
    }

    VideoEncodeException(String message, Throwable cause) {
        super(message, cause);
    }
}
