package io.kinora.video;

/** A clip or file without a sound track, where sound was asked for. Never retry; ask without sound, or answer the sender. */
public final class NoSoundException extends UnreadableClipException {
    NoSoundException(String message) {
        super(message);
    }
}
