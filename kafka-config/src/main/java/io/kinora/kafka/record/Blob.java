package io.kinora.kafka.record;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * The bytes of a clip: immutable by agreement, compared by content. Nothing is copied on the way in or out, since clips
 * are megabytes: who hands in an array must not write to it again.
 */
public final class Blob {
    private final byte[] bytes;

    private Blob(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes the array over. */
    public static Blob wrap(byte[] bytes) {
        return new Blob(Objects.requireNonNull(bytes));
    }

    public int size() {
        return bytes.length;
    }

    /** The borrowed array itself, not to be written to. */
    public byte[] bytes() {
        return bytes;
    }

    /** A read-only view from first to last byte. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    /** SHA-256 as 64 lower-case hexadecimal digits; computed at each call. */
    public String sha256() {
        return Sha256.hex(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Blob blob && Arrays.equals(bytes, blob.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Blob[" + bytes.length + " bytes]";
    }
}
