package io.kinora.tensor.torchfile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle, read front to back; every length is checked against what is left. */
final class PickleInput {
    /** Names of tensors and of what a checkpoint notes are far shorter. */
    private static final int MAX_STRING_BYTES = 1 << 20;

    private static final int MAX_LINE_BYTES = 1 << 10;
    private static final int SHOWN = 120;

    private final ByteBuffer bytes;

    PickleInput(byte[] pickle) {
        this.bytes = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
    }

    int position() {
        return bytes.position();
    }

    int unsignedByte() {
        need(1);
        return Byte.toUnsignedInt(bytes.get());
    }

    int unsignedShort() {
        need(2);
        return Short.toUnsignedInt(bytes.getShort());
    }

    int signedInt() {
        need(4);
        return bytes.getInt();
    }

    long unsignedInt() {
        return Integer.toUnsignedLong(signedInt());
    }

    long signedLong() {
        need(8);
        return bytes.getLong();
    }

    /** Big endian, unlike all else. */
    double bigEndianDouble() {
        return Double.longBitsToDouble(Long.reverseBytes(signedLong()));
    }

    /** A two's complement number of that many bytes; none is zero. */
    long number(long length) {
        if (length > Long.BYTES) {
            throw new TorchFileException("the pickle has a number of %s bytes, at most %d are read"
                    .formatted(Long.toUnsignedString(length), Long.BYTES));
        }
        need(length);
        long value = 0;
        int bits = 0;
        for (; bits < length * 8; bits += 8) {
            value |= Byte.toUnsignedLong(bytes.get()) << bits;
        }
        int unused = Long.SIZE - bits;
        return bits == 0 ? 0 : value << unused >> unused;
    }

    byte[] block(long length) {
        if (length < 0 || length > MAX_STRING_BYTES) {
            throw new TorchFileException("the pickle has a string of %s bytes, at most %d are read"
                    .formatted(Long.toUnsignedString(length), MAX_STRING_BYTES));
        }
        need(length);
        byte[] block = new byte[(int) length];
        bytes.get(block);
        return block;
    }

    String utf8(long length) {
        return decode(block(length), StandardCharsets.UTF_8);
    }

    String latin1(long length) {
        return decode(block(length), StandardCharsets.ISO_8859_1);
    }

    /** Up to the next newline, which is skipped. */
    String line() {
        int from = bytes.position();
        while (unsignedByte() != '\n') {
            if (bytes.position() - from > MAX_LINE_BYTES) {
                throw new TorchFileException("the pickle has a name of more than %d bytes".formatted(MAX_LINE_BYTES));
            }
        }
        byte[] line = new byte[bytes.position() - from - 1];
        bytes.get(from, line);
        return decode(line, StandardCharsets.UTF_8);
    }

    /** Text from a pickle, cut for a message. */
    static String shortened(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    private static String decode(byte[] text, Charset charset) {
        try {
            return charset.newDecoder().decode(ByteBuffer.wrap(text)).toString();
        } catch (CharacterCodingException e) {
            throw new TorchFileException("the pickle has a string that is not UTF-8", e);
        }
    }

    private void need(long count) {
        if (count > bytes.remaining()) {
            throw new TorchFileException("the pickle ends at %d, within a value".formatted(bytes.limit()));
        }
    }
}
