package io.kinora.video;

/** Bytes that are no clip, no sound, or no still image, that can be decoded. The same bytes will fail again: never retry, answer the sender. */
public sealed class UnreadableClipException extends VideoException
        permits DamagedClipException, NoSoundException, SoundTooShortException {
    UnreadableClipException(String message) {
        super(message);
    }

    UnreadableClipException(String message, Throwable cause) {
        super(message, cause);
    }
}
