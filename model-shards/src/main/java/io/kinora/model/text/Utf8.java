package io.kinora.model.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Decodes UTF-8 that arrives byte by byte. A byte that cannot be part of a valid character becomes one U+FFFD by itself, as
 * SentencePiece has it (Java and the WHATWG would replace a whole broken prefix at once).
 */
final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(4);

    /** The bytes of a text; half a surrogate pair counts as U+FFFD. */
    static byte[] bytes(String text) {
        StringBuilder whole = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c)
                .forEach(whole::appendCodePoint);
        return whole.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Takes one byte, and appends the characters that are now certain. */
    void append(int value, StringBuilder out) {
        pending.write(value);
        drain(out, false);
    }

    /** Appends U+FFFD for each byte that still waits for the rest of its character. */
    void finish(StringBuilder out) {
        drain(out, true);
    }

    private void drain(StringBuilder out, boolean last) {
        byte[] bytes = pending.toByteArray();
        int at = 0;
        while (at < bytes.length) {
            int need = length(bytes[at] & 0xff);
            int have = 1;
            while (have < need && at + have < bytes.length && continues(bytes, at, have)) {
                have++;
            }
            if (need > 0 && have == need) {
                out.append(new String(bytes, at, need, StandardCharsets.UTF_8));
                at += need;
            } else if (need > 0 && at + have == bytes.length && !last) {
                break;
            } else {
                out.append(REPLACEMENT);
                at++;
            }
        }
        pending.reset();
        pending.write(bytes, at, bytes.length - at);
    }

    /** Length of the character that a first byte begins; 0 for a byte that begins none. */
    private static int length(int first) {
        if (first < 0x80) {
            return 1;
        }
        if (first < 0xc2 || first > 0xf4) {
            return 0;
        }
        return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    }

    /** Whether the byte at {@code at + index} may follow; the second byte rules out overlong forms and surrogates. */
    private static boolean continues(byte[] bytes, int at, int index) {
        int value = bytes[at + index] & 0xff;
        if (index > 1) {
            return value >= 0x80 && value <= 0xbf;
        }
        return switch (bytes[at] & 0xff) {
            case 0xe0 -> value >= 0xa0 && value <= 0xbf;
            case 0xed -> value >= 0x80 && value <= 0x9f;
            case 0xf0 -> value >= 0x90 && value <= 0xbf;
            case 0xf4 -> value >= 0x80 && value <= 0x8f;
            default -> value >= 0x80 && value <= 0xbf;
        };
    }
}
