package io.kinora.actors.serialization;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.KryoBufferUnderflowException;

/** Reads from an array, and allocates nothing that the rest of the array could not fill. */
final class BoundedInput extends Input {
    BoundedInput(byte[] bytes) {
        super(bytes);
    }

    /** A length that was read, checked against the bytes that are left, each element taking at least {@code bytesEach}. */
    int checkedLength(long length, int bytesEach) {
        if (length < 0 || length * bytesEach > available()) {
            throw new KryoBufferUnderflowException(
                    "%d elements announced, %d bytes left".formatted(length, available()));
        }
        return (int) length;
    }

    @Override
    public int available() {
        return limit() - position();
    }

    @Override
    public byte[] readBytes(int length) {
        return super.readBytes(checkedLength(length, 1));
    }
}
