package io.kinora.video;

/** Sound that lasts less than its reader needs. Never retry; answer the sender. */
public final class SoundTooShortException extends UnreadableClipException {
    SoundTooShortException(String message) {
        super(message);
    }
}
