package io.kinora.model.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Decodes UTF-8 that arrives byte by byte. What is not UTF-8 becomes U+FFFD, by one of the two rules that the official
 * libraries follow; Java's own decoder follows a third.
 */
final class Utf8 {
    /** How many U+FFFD a broken character becomes. */
    enum Replacement {
        /** One for each byte: SentencePiece. */
        EACH_BYTE,
        /** One for the longest beginning of a character: Rust, the WHATWG. */
        EACH_BEGINNING
    }

    private static final char REPLACEMENT = '\uFFFD';

    private final Replacement rule;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(4);

    Utf8(Replacement rule) {
        this.rule = rule;
    }

    /** The bytes of a text; half a surrogate pair counts as U+FFFD. */
    static byte[] bytes(String text) {
        StringBuilder whole = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c)
                .forEach(whole::appendCodePoint);
        return whole.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The text of some bytes. */
    static String decode(byte[] bytes, Replacement rule) {
        Utf8 utf8 = new Utf8(rule);
        StringBuilder out = new StringBuilder(bytes.length);
        utf8.pending.writeBytes(bytes);
        utf8.drain(out, true);
        return out.toString();
    }

    /** Takes one byte, and appends the characters that are now certain. */
    void append(int value, StringBuilder out) {
        pending.write(value);
        drain(out, false);
    }

    /** Replaces the bytes that still wait for the rest of their character. */
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
                at += rule == Replacement.EACH_BYTE ? 1 : have;
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
