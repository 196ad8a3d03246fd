package io.kinora.model.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one protobuf message in the order they are stored: {@link #next} steps to a field, and exactly one of
 * the value methods, or {@link #skip}, takes its value.
 */
final class ProtoReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final String source;
    private final ByteBuffer bytes;
    private int tag;

    ProtoReader(String source, byte[] bytes) {
        this(source, ByteBuffer.wrap(bytes));
    }

    private ProtoReader(String source, ByteBuffer bytes) {
        this.source = source;
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Steps to the next field; false at the end of the message. */
    boolean next() {
        if (!bytes.hasRemaining()) {
            return false;
        }
        tag = (int) rawVarint();
        return true;
    }

    int field() {
        return tag >>> 3;
    }

    int varint() {
        expect(VARINT);
        return (int) rawVarint();
    }

    boolean bool() {
        return varint() != 0;
    }

    float fixedFloat() {
        expect(FIXED32);
        need(Float.BYTES);
        return bytes.getFloat();
    }

    String string() {
        ByteBuffer view = view();
        return StandardCharsets.UTF_8.decode(view).toString();
    }

    /** The number of bytes of a bytes field. */
    int length() {
        return view().remaining();
    }

    ProtoReader message() {
        return new ProtoReader(source, view());
    }

    void skip() {
        switch (tag & 7) {
            case VARINT -> rawVarint();
            case FIXED64 -> advance(Long.BYTES);
            case BYTES -> view();
            case FIXED32 -> advance(Integer.BYTES);
            default -> throw broken("field %d has the unknown wire type %d".formatted(field(), tag & 7));
        }
    }

    private ByteBuffer view() {
        expect(BYTES);
        long length = rawVarint();
        if (length < 0 || length > bytes.remaining()) {
            throw broken("field %d is %d bytes long, %d are left".formatted(field(), length, bytes.remaining()));
        }
        ByteBuffer view = bytes.slice(bytes.position(), (int) length);
        advance((int) length);
        return view;
    }

    private long rawVarint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            need(1);
            byte b = bytes.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw broken("a number is longer than ten bytes");
    }

    private void advance(int count) {
        need(count);
        bytes.position(bytes.position() + count);
    }

    private void expect(int wireType) {
        if ((tag & 7) != wireType) {
            throw broken("field %d has wire type %d, expected %d".formatted(field(), tag & 7, wireType));
        }
    }

    private void need(int count) {
        if (bytes.remaining() < count) {
            throw broken("it ends inside field %d".formatted(field()));
        }
    }

    private TokenizerException broken(String what) {
        return new TokenizerException("%s is not a SentencePiece model: %s".formatted(source, what));
    }
}
